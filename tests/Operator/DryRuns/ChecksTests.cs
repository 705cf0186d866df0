using System.Net;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.DryRuns;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.DryRuns;

public sealed class ChecksTests
{
    [TestCase(HttpStatusCode.BadRequest)]
    [TestCase(HttpStatusCode.Forbidden)]
    [TestCase(HttpStatusCode.UnprocessableEntity)]
    public async Task What_the_API_server_refuses_until_somebody_mends_it_is_evidence(HttpStatusCode status)
    {
        var row = await MakeAsync(new KubernetesException(status, null, "admission webhook \"names.example.com\" denied the request"));

        Assert.That(row.Result, Is.EqualTo(CheckResult.Failed));
        Assert.That(row.Evidence, Is.EqualTo("The API server refused a request: admission webhook \"names.example.com\" denied the request"));
    }

    [TestCase(HttpStatusCode.Conflict)]
    [TestCase(HttpStatusCode.TooManyRequests)]
    [TestCase(HttpStatusCode.ServiceUnavailable)]
    [TestCase(null)]
    public void What_passes_by_itself_makes_the_step_be_tried_again(HttpStatusCode? status)
        => Assert.That(() => MakeAsync(new KubernetesException(status, null, "Later.")), Throws.TypeOf<KubernetesException>());

    private static Task<RunCheck> MakeAsync(KubernetesException thrown)
        => Checks.MakeAsync(StepName.StoreSecret, CheckNames.Permission, null, () => Task.FromException<CheckOutcome>(thrown));
}
