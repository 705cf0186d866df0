using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Secrets.Sealing;

public sealed class MasterKeyUnwrappingTests
{
    private const string Wrapped = "aws-kms:AQICAHjAAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJ=";
    private const string Plain = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    private ManualTimeProvider _time = null!;
    private FakeUnwrapper _service = null!;

    [SetUp]
    public void Prepare() => (_time, _service) = (new ManualTimeProvider(), new FakeUnwrapper());

    [Test]
    public async Task A_key_is_unwrapped_once_and_written_back_as_it_was()
    {
        using var unwrapping = Unwrapping();
        var ring = await unwrapping.OpenAsync(Text($"new {Wrapped}\nold {Plain}"), default);
        await unwrapping.OpenAsync(Text($"old {Plain}\nnew {Wrapped}"), default);

        Assert.That(_service.Asked, Is.EqualTo(1));
        Assert.That(ring.First.Material, Is.EqualTo(_service.Key));
        Assert.That(ring.ToText(), Is.EqualTo($"new {Wrapped}\nold {Plain}\n"));
    }

    [Test]
    public async Task A_service_that_is_away_is_asked_less_and_less_often_until_it_is_back()
    {
        using var unwrapping = Unwrapping();
        _service.Refusal = new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable, "KMS is away.");
        var seconds = new List<int>();
        for (var second = 0; second < 200; second++)
        {
            var asked = _service.Asked;
            Assert.That(() => unwrapping.OpenAsync(Text($"new {Wrapped}"), default), Throws.TypeOf<MasterKeyException>().With.Message.EqualTo("FILE: master key new could not be unwrapped. KMS is away.").And.Property("MayPass").True);
            if (_service.Asked > asked)
            {
                seconds.Add(second);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(seconds, Is.EqualTo(new[] { 0, 1, 3, 7, 15, 31, 63, 123, 183 }));
        _service.Refusal = null;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That((await unwrapping.OpenAsync(Text($"new {Wrapped}"), default)).First.Id, Is.EqualTo("new"));
    }

    [Test]
    public void Something_that_is_no_master_key_is_not_used()
    {
        using var unwrapping = Unwrapping();
        _service.Key = new byte[16];
        Assert.That(() => unwrapping.OpenAsync(Text($"new {Wrapped}"), default), Throws.TypeOf<MasterKeyException>().With.Message.Contains("16 bytes long"));
    }

    [Test]
    public async Task A_wrapped_key_without_means_to_unwrap_it_keeps_the_operator_from_starting()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("keys"), $"new {Wrapped}");
        Assert.That(
            () => new MasterKeyFile(directory.File("keys"), MasterKeyUnwrapping.None, _time, NullLogger<MasterKeyFile>.Instance),
            Throws.TypeOf<MasterKeyException>().With.Message.EndsWith("master key new is wrapped (aws-kms:), and the operator was not told by what. Set --master-key-kms-key."));
    }

    [Test]
    public async Task A_file_with_a_key_that_does_not_unwrap_leaves_those_in_use_that_were_read_before()
    {
        using var directory = new TemporaryDirectory();
        using var unwrapping = Unwrapping();
        await File.WriteAllTextAsync(directory.File("keys"), $"old {Wrapped}");
        using var keys = new MasterKeyFile(directory.File("keys"), unwrapping, _time, NullLogger<MasterKeyFile>.Instance);
        Assert.That(_service.Asked, Is.Zero, "the operator starts without it");
        Assert.That((await keys.GetAsync(default)).First.Id, Is.EqualTo("old"));

        _service.Refusal = new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.ServerError, "No.");
        await File.WriteAllTextAsync(directory.File("keys"), $"new {Wrapped.Replace("IIII", "KKKK", StringComparison.Ordinal)}\nold {Wrapped}");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((await keys.GetAsync(default)).First.Id, Is.EqualTo("old"));

        _service.Refusal = null;
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((await keys.GetAsync(default)).First.Id, Is.EqualTo("new"));
    }

    [Test]
    public async Task A_Secret_is_never_made_with_a_key_in_plain_text_where_keys_are_wrapped()
    {
        var cluster = new InMemoryCluster();
        using var unwrapping = Unwrapping();
        using var keys = new MasterKeySecret(cluster, "system", unwrapping, _time, NullLogger<MasterKeySecret>.Instance);
        Assert.That(async () => await keys.GetAsync(default), Throws.TypeOf<MasterKeyException>().With.Message.Contains("--master-key-test says that master keys are wrapped"));

        var name = new NamespacedName("system", MasterKeySecret.SecretName);
        var secrets = cluster.Resource(CoreResources.Secrets);
        await secrets.CreateAsync(new Secret { Metadata = new ObjectMeta { Name = name.Name, Namespace = name.Namespace }, Data = new() { ["keys"] = System.Text.Encoding.ASCII.GetBytes($"new {Wrapped}") } }, default);
        Assert.That((await keys.GetAsync(default)).First.Material, Is.EqualTo(_service.Key));

        // Somebody deletes it: it is put back as it was.
        await secrets.DeleteAsync(name, null, default);
        _time.Advance(TimeSpan.FromMinutes(5));
        await keys.GetAsync(default);
        Assert.That(System.Text.Encoding.ASCII.GetString((await secrets.GetAsync(name, default)).Data!["keys"]), Is.EqualTo($"new {Wrapped}\n"));
    }

    [Test]
    public async Task An_operator_waits_until_its_keys_can_be_used_and_says_why()
    {
        using var directory = new TemporaryDirectory();
        using var unwrapping = Unwrapping();
        await File.WriteAllTextAsync(directory.File("keys"), $"new {Wrapped}");
        using var keys = new MasterKeyFile(directory.File("keys"), unwrapping, _time, NullLogger<MasterKeyFile>.Instance);
        var readiness = new MasterKeyReadiness(keys, _time, NullLogger<MasterKeyReadiness>.Instance);
        _service.Refusal = new IssuanceException(IssuanceFailure.NeedsManual, "AccessDenied", "Allow kms:Decrypt.");

        var waiting = readiness.WaitAsync(default);
        Assert.That((waiting.IsCompleted, readiness.Problem), Is.EqualTo((false, $"--master-key-file {directory.File("keys")}: master key new could not be unwrapped. Allow kms:Decrypt.")));

        _service.Refusal = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(readiness.Problem, Is.Null);
    }

    private static MasterKeyText Text(string text) => MasterKeyText.Parse(text, "FILE");

    private MasterKeyUnwrapping Unwrapping() => new(new Dictionary<string, IKeyUnwrapper> { [WrappingSchemes.AwsKms] = _service }, _time);

    private sealed class FakeUnwrapper : IKeyUnwrapper
    {
        public string Field => "--master-key-test";

        public byte[] Key { get; set; } = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

        public IssuanceException? Refusal { get; set; }

        public int Asked { get; private set; }

        public Task<byte[]> UnwrapAsync(string ciphertext, CancellationToken cancellationToken)
        {
            Asked++;
            return Refusal is null ? Task.FromResult(Key) : throw Refusal;
        }
    }
}
