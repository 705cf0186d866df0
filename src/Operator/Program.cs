using CertOperator.Crds;
using CertOperator.Operator;
using CertOperator.Operator.Commands;
using CertOperator.Operator.Hosting;

using var shutdown = new ShutdownSignal();
return await new CertOperatorCommandLine(CommandLineHost.OfProcess(OperatorProcess.RunAsync, EntityTypes.All)).InvokeAsync(args, shutdown.Token);
