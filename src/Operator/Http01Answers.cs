using CertOperator.Acme;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator;

/// <summary>Answers to http-01 challenges, from the runs' status: any replica knows them.</summary>
public static class Http01Answers
{
    public static string? Find(ObjectStore<CertificateRenewalRun> runs, string token)
        => runs.ByIndex(RunIndexes.Token, token)
            .SelectMany(r => r.Status?.Order?.Challenges ?? [])
            .FirstOrDefault(c => c.Type == AcmeChallenge.Http01 && c.Token == token)?.KeyAuthorization;
}
