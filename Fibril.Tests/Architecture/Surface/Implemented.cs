using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using Fibril.Broker.Admin.Metrics;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Queues;
using Fibril.Broker.RuntimeSettings;
using Fibril.Broker.Statistics;
using Fibril.Broker.Streams;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fibril.Tests.Architecture.Surface;

/// <summary>What the running program has, by the names of the specification, and how it is used here.</summary>
internal sealed partial class Implemented
{
    private readonly Dictionary<(string Kind, string Name), string> _all = [];

    public static Implemented By(AdminHarness admin)
    {
        var implemented = new Implemented();
        implemented.AddRoutes(admin.Services.GetServices<EndpointDataSource>());
        foreach (SettingDefinition setting in Settings.All)
            implemented._all[("setting", setting.Key)] = string.Join(", ", new[] { setting.Flag, setting.Variable ?? setting.GenericVariable }.OfType<string>().Select(static name => $"`{name}`"));
        foreach (RuntimeField field in RuntimeFields.All) implemented._all[("field", field.Path)] = $"`PATCH /admin/api/runtime-settings`, at first `runtime_seed.{field.Path}`";
        implemented.AddMetrics(admin);
        implemented.AddCommands();
        return implemented;
    }

    /// <summary>How a thing is used; null when it is not there.</summary>
    public string? Find(SurfaceItem item) => _all.GetValueOrDefault((item.Kind, item.Name));

    private void AddRoutes(IEnumerable<EndpointDataSource> sources)
    {
        foreach (RouteEndpoint endpoint in sources.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>())
        {
            string path = endpoint.RoutePattern.RawText!;
            foreach (string method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []) _all[("route", $"{method} {path}")] = $"`{method} {path}`";
        }
    }

    private void AddMetrics(AdminHarness admin)
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        MetricsEndpoint.Write(
            body, admin.Services.GetRequiredService<BrokerStatistics>(), admin.Services.GetRequiredService<QueueRegistry>(), admin.Services.GetRequiredService<StreamRegistry>(), perChannel: true);
        foreach (Match family in Family().Matches(Encoding.UTF8.GetString(body.WrittenSpan))) _all[("metric", family.Groups[1].Value)] = $"{family.Groups[2].Value} of `GET /metrics`";
    }

    private void AddCommands()
    {
        using var run = new CommandLineRun();
        Add(new Cli.FibrilctlCommand(run.Context).Parse([]).RootCommandResult.Command, "");

        void Add(Command command, string path)
        {
            foreach (Command inner in command.Subcommands)
            {
                string name = path.Length == 0 ? inner.Name : $"{path} {inner.Name}";
                if (inner.Subcommands.Count == 0) _all[("cli", name)] = $"`fibrilctl {name}`";
                Add(inner, name);
            }
        }
    }

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Family();
}
