using System.Formats.Asn1;
using System.Globalization;

namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>A basic OCSP response (RFC 6960, section 4.2.1), read and not yet believed.</summary>
/// <param name="Signed">The bytes that the signature is over.</param>
/// <param name="Algorithm">OID of the signature's algorithm.</param>
/// <param name="Signature">The signature.</param>
/// <param name="Certificates">Certificates in DER that the responder enclosed.</param>
/// <param name="Answers">One for each certificate that it speaks of.</param>
internal sealed record OcspResponse(ReadOnlyMemory<byte> Signed, string Algorithm, ReadOnlyMemory<byte> Signature, IReadOnlyList<ReadOnlyMemory<byte>> Certificates, IReadOnlyList<OcspAnswer> Answers)
{
    private const string Basic = "1.3.6.1.5.5.7.48.1.1";

    // Each may cost the check of a signature.
    private const int MaxCertificates = 4;

    /// <exception cref="OcspFormatException">It is none, or an error of the responder.</exception>
    public static OcspResponse Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var outer = new AsnReader(bytes, AsnEncodingRules.DER);
            var response = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var status = response.ReadEnumeratedBytes().Span;
            if (status is not [0])
            {
                throw new OcspFormatException(string.Create(CultureInfo.InvariantCulture, $"is an error of the responder, number {status[^1]}"));
            }

            var envelope = response.ReadSequence(OcspAnswer.Field(0)).ReadSequence();
            return envelope.ReadObjectIdentifier() == Basic
                ? ReadBasic(new AsnReader(envelope.ReadOctetString(), AsnEncodingRules.DER).ReadSequence())
                : throw new OcspFormatException("is not understood: it is not of the basic type");
        }
        catch (AsnContentException)
        {
            throw new OcspFormatException("is not understood: it does not have the form of RFC 6960");
        }
    }

    private static OcspResponse ReadBasic(AsnReader basic)
    {
        var signed = basic.PeekEncodedValue();
        var answers = ReadAnswers(basic.ReadSequence());
        var algorithm = basic.ReadSequence().ReadObjectIdentifier();
        var signature = basic.ReadBitString(out _);
        var certificates = new List<ReadOnlyMemory<byte>>();
        if (basic.HasData)
        {
            var enclosed = basic.ReadSequence(OcspAnswer.Field(0)).ReadSequence();
            while (enclosed.HasData && certificates.Count < MaxCertificates)
            {
                certificates.Add(enclosed.ReadEncodedValue());
            }
        }

        return new OcspResponse(signed, algorithm, signature, certificates, answers);
    }

    private static List<OcspAnswer> ReadAnswers(AsnReader data)
    {
        // The version: there is one only, and it is left out by most.
        if (data.PeekTag() == OcspAnswer.Field(0))
        {
            data.ReadEncodedValue();
        }

        // The responder's name or key and when it answered: who has signed tells the one, thisUpdate is what counts of the other.
        data.ReadEncodedValue();
        data.ReadGeneralizedTime();
        var list = data.ReadSequence();
        var answers = new List<OcspAnswer>();
        while (list.HasData)
        {
            answers.Add(OcspAnswer.Read(list.ReadSequence()));
        }

        return answers;
    }
}
