using System.Text.Json.Serialization;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Channels;
using Fibril.Broker.Queues.Recovery;

namespace Fibril.Broker.Admin.Health;

/// <summary>The answer of <c>GET /readyz</c> when there is anything to say, or somebody asks (admin-api 4).</summary>
/// <param name="Ready">False when the broker should not be sent clients now; the status is then 503.</param>
/// <param name="Degraded">True when something does not work as it should, although the broker may be ready.</param>
/// <param name="Policy"><c>quarantine</c>, <c>refuse</c> or <c>ignore</c>: what happens to damaged partitions.</param>
/// <param name="Quarantined">Partitions that serve nobody; empty for callers who may not see names.</param>
/// <param name="QuarantinedCount">How many those are, for everybody.</param>
/// <param name="Checks">Everything that was looked at; only when that was asked for.</param>
internal sealed record Readiness(
    bool Ready, bool Degraded, string Policy, IReadOnlyList<OutOfServicePartition> Quarantined, int QuarantinedCount,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<HealthCheck>? Checks)
{
    private const string Ok = "ok";
    private const string DegradedStatus = "degraded";
    private const string Failed = "failed";

    /// <param name="facts">The moment.</param>
    /// <param name="showsNames">Names of topics may be in the answer.</param>
    /// <param name="isVerbose">The single checks are wanted.</param>
    public static Readiness Judge(HealthFacts facts, bool showsNames, bool isVerbose)
    {
        HealthCheck[] checks =
        [
            facts.IsListening ? new("listener", Ok, null) : new("listener", Failed, "The broker listener does not have its port yet."),
            facts.FailingCount == 0 ? new("storage", Ok, null) : new("storage", DegradedStatus, $"{facts.FailingCount} partition(s) cannot write to their disk, and try again by themselves."),
            Quarantine(facts),
            facts.IsDiskFull ? new("disk", DegradedStatus, "The disk is full: consumers are served, and publishes are refused until there is room.") : new("disk", Ok, null),
            facts.IsDraining ? new("draining", Failed, "Clients were told that the broker is about to go away.") : new("draining", Ok, null),
        ];
        return new Readiness(
            checks.All(static check => check.Status != Failed),
            checks.Any(static check => check.Status != Ok),
            QuarantineView.NameOf(facts.Policy),
            showsNames ? facts.OutOfService : [],
            facts.OutOfService.Count,
            isVerbose ? checks : null);
    }

    private static HealthCheck Quarantine(HealthFacts facts)
    {
        if (facts.OutOfService.Count == 0) return new HealthCheck("quarantine", Ok, null);
        string detail = $"{facts.OutOfService.Count} partition(s) serve nobody.";
        return facts.MaySendClients ? new HealthCheck("quarantine", DegradedStatus, detail) : new HealthCheck("quarantine", Failed, detail);
    }
}

/// <summary>One thing that readiness depends on.</summary>
/// <param name="Name">Stable.</param>
/// <param name="Status"><c>ok</c>, <c>degraded</c>, or <c>failed</c>, which makes the broker not ready.</param>
/// <param name="Detail">For people, without names; null when all is well.</param>
internal sealed record HealthCheck(string Name, string Status, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Readiness))]
internal sealed partial class HealthJson : JsonSerializerContext;
