using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CertOperator.Providers.Egress;

/// <summary>
/// Opens connections to hosts that tenants name. It resolves, checks and dials in one go, so that a name cannot answer
/// with one address for the check and another for the connection.
/// </summary>
public sealed class EgressDialer(EgressPolicy policy, IAddressResolver resolver, TimeProvider timeProvider)
{
    /// <summary>Time to resolve a name, and again for each address to accept the connection.</summary>
    public static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(10);

    // A name may have any number of addresses; each can cost the whole timeout.
    private const int MaxAddresses = 6;

    /// <summary>Connects to the first of the host's permitted addresses that answers.</summary>
    /// <exception cref="EgressDeniedException">None of the host's addresses may be dialled.</exception>
    /// <exception cref="EgressConnectException">The name does not resolve, or no address accepted.</exception>
    public async Task<NetworkStream> DialAsync(string host, int port, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(host);
        var failures = new List<string>();
        foreach (var address in await PermittedAsync(host, ct))
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(address, port), ct);
            }
            catch (Exception e) when (e is SocketException or TimeoutException)
            {
                failures.Add($"{address}: {(e as SocketException)?.SocketErrorCode.ToString() ?? e.Message}");
            }
        }

        // In order: a resolver that turns its answers round must not make the same failure look like another.
        throw new EgressConnectException(string.Create(CultureInfo.InvariantCulture, $"No connection to {host} port {port} ({string.Join(", ", failures.Order(StringComparer.Ordinal))})."));
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return await DialAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, ct);
        }
        catch (EgressConnectException e) when (e.IsUnresolved)
        {
            // The handler knows by its own resolver's exceptions only that it was the name.
            throw new HttpRequestException(HttpRequestError.NameResolutionError, e.Message, e);
        }
    }

    private async Task<IReadOnlyList<IPAddress>> PermittedAsync(string host, CancellationToken ct)
    {
        var addresses = await ResolveAsync(host.Trim('[', ']'), ct);
        var permitted = new List<IPAddress>();
        (IPAddress Address, EgressRefusal Refusal)? refused = null;
        foreach (var address in addresses.Distinct())
        {
            if (policy.Check(address) is { } refusal)
            {
                refused ??= (address, refusal);
            }
            else if (permitted.Count < MaxAddresses)
            {
                permitted.Add(address);
            }
        }

        return permitted.Count > 0 ? permitted
            : refused is { } r ? throw new EgressDeniedException(host, r.Address, r.Refusal)
            : throw new EgressConnectException($"{host} has no address.") { IsUnresolved = true };
    }

    private async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        using var timeout = new CancellationTokenSource(StepTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            return await resolver.ResolveAsync(host, either.Token);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new EgressConnectException($"{host} does not resolve ({(e as SocketException)?.SocketErrorCode.ToString() ?? "not a valid name"}); check the name and the DNS of the operator's Pod.") { IsUnresolved = true };
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new EgressConnectException(string.Create(CultureInfo.InvariantCulture, $"{host} did not resolve within {StepTimeout.TotalSeconds} s; check the DNS of the operator's Pod.")) { IsUnresolved = true };
        }
    }

    private async Task<NetworkStream> ConnectAsync(IPEndPoint endpoint, CancellationToken ct)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var timeout = new CancellationTokenSource(StepTimeout, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
            await socket.ConnectAsync(endpoint, either.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            socket.Dispose();
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"no answer within {StepTimeout.TotalSeconds} s"), e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
