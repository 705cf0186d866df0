using System.Formats.Asn1;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.PrivateCa;

/// <summary>Which names a CA may issue for (RFC 5280, section 4.2.1.10). Pure.</summary>
public sealed class NameConstraints
{
    public const string Oid = "2.5.29.30";

    private static readonly Asn1Tag Permitted = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Excluded = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag DirectoryName = new(TagClass.ContextSpecific, 4, isConstructed: true);
    private static readonly Asn1Tag IpAddress = new(TagClass.ContextSpecific, 7);

    private NameConstraints(Subtrees permitted, Subtrees excluded) => (PermittedNames, ExcludedNames) = (permitted, excluded);

    /// <summary>Whether names of subjects are constrained too: then a certificate with an empty subject is on the safe side.</summary>
    public bool ConstrainSubjects => PermittedNames.Subjects || ExcludedNames.Subjects;

    private Subtrees PermittedNames { get; }

    private Subtrees ExcludedNames { get; }

    /// <summary>Those of a CA; null where it has none.</summary>
    /// <exception cref="AsnContentException">The extension is no such thing.</exception>
    public static NameConstraints? Of(X509Certificate2 authority)
    {
        ArgumentNullException.ThrowIfNull(authority);
        if (authority.Extensions[Oid] is not { } extension)
        {
            return null;
        }

        var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER);
        var sequence = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var (permitted, excluded) = (Subtrees.None, Subtrees.None);
        while (sequence.HasData)
        {
            var tag = sequence.PeekTag();
            if (tag == Permitted)
            {
                permitted = Read(sequence.ReadSequence(Permitted));
            }
            else if (tag == Excluded)
            {
                excluded = Read(sequence.ReadSequence(Excluded));
            }
            else
            {
                throw new AsnContentException("A name constraint is neither permitted nor excluded.");
            }
        }

        return new NameConstraints(permitted, excluded);
    }

    /// <summary>An extension that permits these DNS domains and all below them, and no IP address.</summary>
    public static X509Extension Permit(IEnumerable<string> domains)
    {
        ArgumentNullException.ThrowIfNull(domains);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Permitted))
            {
                foreach (var domain in domains)
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteCharacterString(UniversalTagNumber.IA5String, domain, DnsName);
                    }
                }
            }

            // Where only DNS names are constrained, any address would be allowed.
            using (writer.PushSequence(Excluded))
            {
                foreach (var all in new[] { new byte[8], new byte[32] })
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteOctetString(all, IpAddress);
                    }
                }
            }
        }

        return new X509Extension(Oid, writer.Encode(), critical: true);
    }

    /// <summary>Why the CA may not issue for a name; null where it may.</summary>
    /// <param name="name">A DNS name, a wildcard or an IP address.</param>
    public string? FindProblem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var address = IPAddress.TryParse(name, out var parsed) ? parsed : null;
        var excluded = address is null ? ExcludedNames.Domains.FirstOrDefault(d => Meets(name, d)) : ExcludedNames.Networks.Where(n => Contains(n, address)).Select(Show).FirstOrDefault();
        if (excluded is not null)
        {
            return $"{name} is excluded by the CA's name constraint {(excluded.Length == 0 ? "on every name" : excluded)}";
        }

        var permitted = address is null
            ? PermittedNames.Domains.Count == 0 || PermittedNames.Domains.Any(d => IsWithin(Base(name), d) || (name.StartsWith("*.", StringComparison.Ordinal) && IsWithin(name, d)))
            : PermittedNames.Networks.Count == 0 || PermittedNames.Networks.Any(n => Contains(n, address));
        return permitted ? null : $"{name} is not among the names that the CA's name constraints permit ({string.Join(", ", address is null ? PermittedNames.Domains : PermittedNames.Networks.Select(Show))})";
    }

    private static Subtrees Read(AsnReader subtrees)
    {
        var (domains, networks, subjects) = (new List<string>(), new List<byte[]>(), false);
        while (subtrees.HasData)
        {
            var subtree = subtrees.ReadSequence();
            var tag = subtree.PeekTag();
            if (tag == DnsName)
            {
                domains.Add(subtree.ReadCharacterString(UniversalTagNumber.IA5String, DnsName).ToLowerInvariant());
            }
            else if (tag == IpAddress)
            {
                var network = subtree.ReadOctetString(IpAddress);
                networks.Add(network.Length is 8 or 32 ? network : throw new AsnContentException("A constraint on IP addresses is neither for IPv4 nor for IPv6."));
            }
            else
            {
                // Other kinds of names are in none of the certificates that are issued here.
                subjects |= tag == DirectoryName;
                subtree.ReadEncodedValue();
            }
        }

        return new Subtrees(domains, networks, subjects);
    }

    private static string Base(string name) => name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;

    /// <summary>Labels are added on the left; a constraint with a leading dot, which some write, leaves out the domain itself.</summary>
    private static bool IsWithin(string name, string domain)
        => domain.Length == 0
        || (domain[0] == '.' ? name.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && name.Length > domain.Length
            : name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase));

    /// <summary>A wildcard also meets what it stands for: a name one label below it.</summary>
    private static bool Meets(string name, string domain)
        => IsWithin(Base(name), domain)
        || (name.StartsWith("*.", StringComparison.Ordinal) && (IsWithin(name, domain) || (IsWithin(domain.TrimStart('.'), Base(name)) && domain.TrimStart('.').Count(c => c == '.') <= name.Count(c => c == '.'))));

    private static bool Contains(byte[] network, IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (bytes.Length * 2 != network.Length)
        {
            return false;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            if (((bytes[i] ^ network[i]) & network[bytes.Length + i]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static string Show(byte[] network)
    {
        var half = network.Length / 2;
        var mask = new IPAddress(network.AsSpan(half));
        var bits = network.AsSpan(half).ToArray().Sum(b => System.Numerics.BitOperations.PopCount(b));
        return $"{new IPAddress(network.AsSpan(0, half))}/{(mask.AddressFamily == AddressFamily.InterNetwork ? mask.ToString() : bits.ToString(System.Globalization.CultureInfo.InvariantCulture))}";
    }

    private sealed record Subtrees(IReadOnlyList<string> Domains, IReadOnlyList<byte[]> Networks, bool Subjects)
    {
        public static readonly Subtrees None = new([], [], false);
    }
}
