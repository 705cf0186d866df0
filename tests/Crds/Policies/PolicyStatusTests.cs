using System.Text.Json;
using CertOperator.Crds.Policies;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Policies;

public sealed class PolicyStatusTests
{
    [Test]
    public void Times_that_kubectl_prints_are_whole_seconds_and_the_others_tell_runs_apart()
    {
        var time = new DateTimeOffset(2027, 2, 20, 12, 57, 5, 678, TimeSpan.Zero);
        var status = new PolicyStatus { NotBefore = time, NotAfter = time.ToOffset(TimeSpan.FromHours(2)), RenewalTime = time, NextAttemptTime = time };

        var json = JsonSerializer.Serialize(status, CrdsJsonContext.Default.PolicyStatus);

        Assert.That(json, Is.EqualTo("""{"notBefore":"2027-02-20T12:57:05Z","notAfter":"2027-02-20T12:57:05Z","renewalTime":"2027-02-20T12:57:05Z","nextAttemptTime":"2027-02-20T12:57:05.678Z"}"""));
        Assert.That(JsonSerializer.Deserialize(json, CrdsJsonContext.Default.PolicyStatus)!.NotAfter, Is.EqualTo(time.AddMilliseconds(-678)));
    }
}
