using System.CommandLine;
using System.Text.Json;
using CertOperator.Kubernetes;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Inventory;
using CertOperator.Operator.Options;

namespace CertOperator.Operator.Commands;

/// <summary><c>inventory</c>: every certificate in the cluster, with and without a policy, the next to expire first.</summary>
internal static class InventoryCommand
{
    public static Command Create(CommandLineHost host)
    {
        var kubeconfig = new Option<string?>("--kubeconfig") { HelpName = "FILE", Description = "Kubeconfig file with the cluster to look at. Default: KUBECONFIG, then the service account in a pod, then ~/.kube/config." };
        var context = new Option<string?>("--context") { HelpName = "NAME", Description = "Context of the kubeconfig. Default: its current one." };
        var namespaces = new Option<string[]>("--namespaces") { HelpName = "NAME,...", Description = "Namespaces to look at. Default: all." };
        namespaces.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => !OptionValues.Namespaces(t.Value, out _)))
            {
                result.AddError("--namespaces: give names of namespaces, with commas between.");
            }
        });
        var output = new Option<string>("--output", "-o") { HelpName = "FORMAT", Description = "table, or json.", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("inventory", "Lists certificates, with and without a policy, the next to expire first. Reads Secrets of type kubernetes.io/tls as whoever calls it.") { kubeconfig, context, namespaces, output };
        command.SetAction(async (parsed, ct) =>
        {
            IReadOnlyList<string> chosen = [.. (parsed.GetValue(namespaces) ?? []).SelectMany(n => n.Split(',', StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
            try
            {
                var client = host.Connect(parsed.GetValue(kubeconfig), parsed.GetValue(context));
                using (client as IDisposable)
                {
                    return await RunAsync(host, new InventoryCollection(client, chosen), parsed.GetValue(output) == "json", ct);
                }
            }
            catch (Exception e) when (e is KubernetesException or KubernetesConfigurationException)
            {
                host.Error.WriteLine($"certoperator: {e.Message}");
                return ExitCodes.Failed;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandLineHost host, InventoryCollection collection, bool json, CancellationToken cancellationToken)
    {
        var entries = await collection.ManagedAsync(cancellationToken);
        KubernetesException? unseen = null;
        try
        {
            entries = [.. entries, .. await collection.UnmanagedAsync(cancellationToken)];
        }
        catch (KubernetesException e)
        {
            // The policies' certificates are better than nothing.
            unseen = e;
        }

        entries = InventoryEntries.Sorted(entries);
        if (json)
        {
            host.Output.WriteLine(JsonSerializer.Serialize(entries, InventoryJsonContext.Default.IReadOnlyListInventoryEntry));
        }
        else
        {
            InventoryTable.Write(entries, host.Time.GetUtcNow(), host.Output);
        }

        if (unseen is null)
        {
            return ExitCodes.Ended;
        }

        host.Error.WriteLine($"certoperator: certificates without a policy are missing above: {unseen.Message}");
        return ExitCodes.Failed;
    }
}
