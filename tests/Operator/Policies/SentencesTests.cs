using CertOperator.Operator.Policies;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class SentencesTests
{
    [Test]
    public void Errors_that_were_found_together_are_told_one_by_one()
        => Assert.That(
            Sentences.Join(["the certificate is for a and not for b", "its issuer C is not among the system's CAs; set caBundle"]),
            Is.EqualTo("The certificate is for a and not for b. Its issuer C is not among the system's CAs; set caBundle."));
}
