using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Aws;

/// <summary>Carries requests in the JSON 1.1 protocol of AWS, signed. Retries nothing.</summary>
/// <param name="http">Dials through the egress check and follows no redirect.</param>
/// <param name="identities">Whom to sign as.</param>
/// <param name="timeProvider">Dates the signatures.</param>
public sealed class AwsJsonApi(EgressHttpClients http, AwsIdentities identities, TimeProvider timeProvider)
{
    private const string ContentType = "application/x-amz-json-1.1";
    private const int MaxBodyBytes = 1024 * 1024;

    /// <summary>Sends a request and reads the answer.</summary>
    /// <param name="target">Service and operation, as in the header X-Amz-Target.</param>
    /// <param name="service">The service, as it stands in host names and signatures.</param>
    /// <param name="body">What is asked.</param>
    /// <param name="bodyType">How it is written.</param>
    /// <param name="answerType">How the answer is read.</param>
    /// <param name="call">How messages speak of it.</param>
    /// <param name="judge">Errors of the service's own; null for those that all services have.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="IssuanceException">The service refused, has a fault, or cannot be reached.</exception>
    public async Task<TAnswer> SendAsync<TBody, TAnswer>(
        string target,
        string service,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> answerType,
        AwsCall call,
        Func<AwsError, IssuanceException?> judge,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(judge);
        var access = call.Access;
        var endpoint = access.EndpointOf(service);
        var content = JsonSerializer.SerializeToUtf8Bytes(body, bodyType);
        var key = await identities.GetAsync(access, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Headers.TryAddWithoutValidation("x-amz-target", target);
        request.Content = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(ContentType) } };
        AwsRequestSigner.Sign(request, content, key, access.Region, service, timeProvider.GetUtcNow());
        try
        {
            using var response = await http.GetCapped(access.CaBundle).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var answer = await ResponseBody.ReadAsync(response, MaxBodyBytes, cancellationToken) ?? throw new IOException($"the answer has more than {MaxBodyBytes / 1024} KiB");
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return Parse(answer, answerType) ?? throw AwsFailures.Unreadable(endpoint, call);
            }

            throw Refusal(response, answer, call, judge);
        }
        catch (Exception e) when (AwsSdk.IsTransport(e, cancellationToken))
        {
            throw AwsFailures.FromTransport(e, endpoint, call);
        }
    }

    private IssuanceException Refusal(HttpResponseMessage response, byte[] answer, AwsCall call, Func<AwsError, IssuanceException?> judge)
    {
        var status = (int)response.StatusCode;
        var said = Parse(answer, AwsJsonContext.Default.AwsErrorBody);
        var type = said?.Type ?? (response.Headers.TryGetValues("x-amzn-errortype", out var types) ? types.FirstOrDefault() : null);

        // Some write the type with its namespace in front, some with a colon and a URL behind (awsJson1_1, operation error serialization).
        var code = type?.Split(':')[0].Split('#')[^1];
        var error = new AwsError(string.IsNullOrEmpty(code) ? $"status {status}" : AwsFailures.Excerpt(code), said?.Message ?? said?.UpperMessage ?? "", status);
        var refusal = judge(error) ?? AwsFailures.FromCommon(error, call) ?? AwsFailures.Other(error, call);
        if (refusal.Reason == AwsReasons.CredentialsExpired)
        {
            identities.Forget(call.Access);
        }

        return refusal;
    }

    private static T? Parse<T>(byte[] answer, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, type);
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
