using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class DeployResolverTests
{
    private const string Good = "https://hooks.example.com/token-1?key=token-2";

    [TestCase("ftp://hooks.example.com/")]
    [TestCase("/only/a/path")]
    [TestCase("https://")]
    [TestCase("https://user:token-1@hooks.example.com/")]
    [TestCase("https://hooks.example.com/#token-1")]
    public void A_URL_that_cannot_be_posted_to_is_refused_by_field_and_not_repeated(string url)
    {
        var problem = Problems(new DeploySpec { Webhooks = [Webhook(Good), Webhook(url)] }).Single();
        Assert.That(problem, Does.StartWith("spec.deploy.webhooks[1].url").And.Contain("Write it as").And.Not.Contain("token"));
    }

    [Test]
    public void What_stands_there_twice_is_refused()
    {
        var deploy = new DeploySpec
        {
            Restarts = [Restart("web"), Restart("web", WorkloadKind.StatefulSet), Restart("web")],
            Webhooks = [Webhook(Good), Webhook(Good)],
        };
        Assert.That(Problems(deploy), Is.EqualTo(new[]
        {
            "spec.deploy.restarts[2]: Deployment web is named twice. Remove one.",
            "spec.deploy.webhooks[1].url: an earlier webhook has the same URL. Remove one.",
        }));
    }

    [Test]
    public void Names_and_bundles_are_checked_where_they_stand()
    {
        var deploy = new DeploySpec
        {
            Restarts = [Restart("Web Server")],
            Webhooks = [new DeployWebhookSpec { Url = Good, SecretName = "../hook", CaBundle = "no certificate" }],
        };
        var problems = Problems(deploy);
        Assert.That(problems, Has.Count.EqualTo(3));
        Assert.That(problems[0], Does.StartWith("spec.deploy.restarts[0].name: \"Web Server\" is no name for a Deployment."));
        Assert.That(problems[1], Does.StartWith("spec.deploy.webhooks[0].secretName:"));
        Assert.That(problems[2], Does.StartWith("spec.deploy.webhooks[0].caBundle:"));
    }

    [Test]
    public void A_restart_has_five_minutes_unless_the_spec_says_otherwise()
    {
        var deploy = A.Resolved(A.Spec with { Deploy = new DeploySpec { Restarts = [Restart("web"), Restart("db", WorkloadKind.StatefulSet) with { TimeoutSeconds = 20 }] } }).Deploy;
        Assert.That(deploy.Restarts, Is.EqualTo(new[]
        {
            new ResolvedRestart(WorkloadKind.Deployment, "web", TimeSpan.FromMinutes(5)),
            new ResolvedRestart(WorkloadKind.StatefulSet, "db", TimeSpan.FromSeconds(20)),
        }));
    }

    [Test]
    public void Without_the_field_there_is_nothing_to_do() => Assert.That(A.Resolved().Deploy.IsNothing);

    private static List<string> Problems(DeploySpec deploy)
        => [.. PolicyResolver.Resolve(A.Policy(A.Spec with { Deploy = deploy }), null).Problems.Select(p => p.Message)];

    private static WorkloadRestartSpec Restart(string name, WorkloadKind kind = WorkloadKind.Deployment) => new() { Kind = kind, Name = name };

    private static DeployWebhookSpec Webhook(string url) => new() { Url = url, SecretName = "hook" };
}
