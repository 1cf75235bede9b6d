using System.Globalization;
using Fibril.Broker.Statistics.Readings;

namespace Fibril.Broker.Statistics;

/// <summary>The line about messages. Made into text only when it is written.</summary>
internal sealed record MessageSummary(MessageReading Now)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"published {Now.Published.PerSecond:0.#}/s ({Now.Published.Total}), delivered {Now.Delivered.PerSecond:0.#}/s ({Now.Delivered.Total}), "
        + $"acked {Now.Acked.PerSecond:0.#}/s ({Now.Acked.Total}), redelivered {Now.Redelivered.PerSecond:0.#}/s ({Now.Redelivered.Total}), "
        + $"expired {Now.Expired.PerSecond:0.#}/s ({Now.Expired.Total}), publishes a batch {Now.MeanPublishBatch:0.#}, settlements a batch {Now.MeanSettleBatch:0.#}, "
        + $"confirm {Now.Confirm.MeanMs:0.###} ms (99 %: {Now.Confirm.P99Ms:0.###} ms)");
}

/// <summary>The line about storage.</summary>
internal sealed record StorageSummary(StorageReading Now)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"reads {Now.Reads.PerSecond:0.#}/s ({Now.Reads.Total}), writes {Now.Writes.PerSecond:0.#}/s ({Now.Writes.Total}), "
        + $"read {Now.Read.MeanMs:0.###} ms, write {Now.Append.MeanMs:0.###} ms, sync {Now.Sync.MeanMs:0.###} ms (99 %: {Now.Sync.P99Ms:0.###} ms)");
}

/// <summary>The line about connections.</summary>
internal sealed record ConnectionSummary(ConnectionReading Now, SessionReading Sessions)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"accepted {Now.Accepted.PerSecond:0.##}/s ({Now.Accepted.Total}), ended {Now.Ended.PerSecond:0.##}/s ({Now.Ended.Total}), "
        + $"in {Now.BytesIn.PerSecond:0} B/s ({Now.BytesIn.Total}), out {Now.BytesOut.PerSecond:0} B/s ({Now.BytesOut.Total}), errors {Now.Errors.Total}, "
        + $"resumes: new {Sessions.ResumeNew}, accepted {Sessions.ResumeAccepted}, rejected {Sessions.ResumeRejected}, not found {Sessions.ResumeNotFound}, "
        + $"grace entered {Sessions.GraceEntered}, expired {Sessions.GraceExpired}, reconciliations {Sessions.ReconcileRequests} "
        + $"({string.Join(", ", Sessions.ReconcileOutcomes.Where(static outcome => outcome.Value > 0).Select(static outcome => $"{outcome.Key} {outcome.Value}"))})");
}
