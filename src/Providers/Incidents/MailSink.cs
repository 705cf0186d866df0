using System.Security.Authentication;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Incidents;

/// <summary>Mail to one address. System.Net.Mail can neither be kept from refused addresses nor be given a CA of one's own.</summary>
internal sealed class MailSink(EgressDialer dialer, IncidentTarget.Mail target, TimeProvider timeProvider) : IIncidentSink
{
    public async Task DeliverAsync(IncidentNotice notice, CancellationToken cancellationToken)
    {
        var message = MailText.Compose(notice, target.From, target.To, timeProvider.GetUtcNow());
        try
        {
            await using var session = await SmtpSession.OpenAsync(dialer, target.Server, timeProvider, cancellationToken);
            await session.SendAsync(target.From, target.To, message, cancellationToken);
        }
        catch (PkiException e)
        {
            throw new IncidentDeliveryException($"spec.incidents.email.caBundle: {e.Message} Give CA certificates in PEM.", canRetry: false, inner: e);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            throw DeliveryFailures.Of(e, target.Server.Host);
        }
    }
}
