using CertOperator.Operator.Telemetry;
using Microsoft.AspNetCore.Http;

namespace CertOperator.Operator.Hosting;

/// <summary><c>/metrics</c>.</summary>
internal sealed class MetricsEndpoint(MetricRegistry registry)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path.Value is not "/metrics")
        {
            await HttpAnswers.NotFoundAsync(context);
            return;
        }

        if (!HttpAnswers.IsRead(context.Request))
        {
            await HttpAnswers.NotAllowedAsync(context);
            return;
        }

        context.Response.ContentType = MetricTextWriter.ContentType;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            // Before the start Kestrel keeps what is written in memory of its own.
            await context.Response.StartAsync(context.RequestAborted);
            await registry.WriteAsync(context.Response.BodyWriter, context.RequestAborted);
        }
    }
}
