using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Top;

/// <summary>How fast things go between two readings. What cannot be said is left out: after one reading only, of a broker that was started again, of one that does not count it.</summary>
internal static class TopRates
{
    private static readonly string[] Waiting = ["ready_count", "inflight_count", "delayed_count", "pending_dlq_count"];

    /// <summary>Per second: <c>published</c>, <c>delivered</c> and <c>acked</c>.</summary>
    public static JsonElement OfBroker(TopModel model)
    {
        var rates = new JsonObject();
        foreach (string counter in (string[])["published", "delivered", "acked"])
        {
            string path = $"broker.total_{counter}";
            if (model.Before?.Overview.At(path).Number() is { } before && model.Last.Overview.At(path).Number() is { } now && now >= before)
                rates[counter] = (now - before) / Seconds(model);
        }

        return AdminJson.Element(rates);
    }

    /// <summary>The row of a queue with what came and went per second, as <c>in</c> and <c>out</c>.</summary>
    public static JsonElement OfQueue(TopModel model, JsonElement row)
    {
        string name = Queues.QueueColumns.ChannelOf(row);
        if (model.Before?.Details.GetValueOrDefault(name) is not { } before || model.Last.Details.GetValueOrDefault(name) is not { ValueKind: JsonValueKind.Object } now) return row;
        Dictionary<long, JsonElement> earlier = Loaded(before);
        (long came, long stayed, bool isKnown) = (0, 0, false);
        foreach ((long partition, JsonElement state) in Loaded(now))
        {
            if (!earlier.TryGetValue(partition, out JsonElement old)) continue; // it was loaded meanwhile: what is in it did not come now
            came += EndOf(state) - EndOf(old);
            stayed += WaitingIn(state) - WaitingIn(old);
            isKnown = true;
        }

        return isKnown && came >= 0 ? AdminJson.With(row, ("in", came / Seconds(model)), ("out", Math.Max(0, came - stayed) / Seconds(model))) : row;
    }

    private static double Seconds(TopModel model) => Math.Max(0.001, (model.Last.Clock - model.Before!.Clock).TotalSeconds);

    private static Dictionary<long, JsonElement> Loaded(JsonElement queue) => queue.At("partitions").Items()
        .Where(static partition => partition.At("materialized").IsTrue() && partition.At("state.end_offset").Number() is not null)
        .DistinctBy(static partition => partition.At("partition").Number())
        .ToDictionary(static partition => partition.At("partition").Number() ?? 0, static partition => partition.At("state"));

    private static long EndOf(JsonElement state) => state.At("end_offset").Number() ?? 0;

    private static long WaitingIn(JsonElement state) => Waiting.Sum(field => state.At(field).Number() ?? 0);
}
