using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Messages;

/// <summary>Works on more messages than the API takes in one request, and puts the answers together.</summary>
internal static class MessageBatch
{
    /// <summary>Most bytes of a payload that the API hands out.</summary>
    public const long LongestPayload = 1 << 20;

    private const int MostPerRequest = 100;

    /// <summary>What became of each message.</summary>
    public static View Outcomes { get; } = new(
        new Table(
            "items", "Nothing was done.",
            Column.Count("OFFSET", "offset"), Column.Text("OUTCOME", "outcome"), Column.Text("TO", "target_topic"), Column.Text("GROUP", "target_group"),
            Column.Count("PARTITION", "target_partition"), Column.Count("AT-OFFSET", "target_offset"), Column.Text("REASON", "reason")),
        new Sentence(static document => $"{document.At("done").Number()} of {Amounts.Count(document.At("requested").Number() ?? 0, "message", "messages")} done"));

    /// <summary>What became of each message that was removed.</summary>
    public static View Removals { get; } = new(
        new Table("items", "Nothing was done.", Column.Count("OFFSET", "offset"), Column.Text("OUTCOME", "outcome"), Column.Text("REASON", "reason")),
        new Sentence(static document => $"{document.At("done").Number()} of {Amounts.Count(document.At("requested").Number() ?? 0, "message", "messages")} removed"));

    /// <summary>Asks for the offsets a hundred at a time.</summary>
    /// <param name="offsets">The messages.</param>
    /// <param name="doneField">Field of an answer that says how many were dealt with.</param>
    /// <param name="ask">Sends one request.</param>
    /// <returns>One document with <c>requested</c>, <c>done</c> and <c>items</c>.</returns>
    public static async Task<JsonElement> RunAsync(IReadOnlyList<long> offsets, string doneField, Func<long[], Task<JsonElement>> ask)
    {
        long requested = 0, done = 0;
        var items = new JsonArray();
        foreach (long[] chunk in offsets.Chunk(MostPerRequest))
        {
            JsonElement answer = await ask(chunk);
            requested += answer.At("requested").Number() ?? chunk.Length;
            done += answer.At(doneField).Number() ?? 0;
            foreach (JsonElement item in answer.At("items").Items()) items.Add(JsonNode.Parse(item.GetRawText()));
        }

        return AdminJson.Element(new JsonObject { ["requested"] = requested, ["done"] = done, ["items"] = items });
    }

    /// <summary>Success when everything was done, else partial success.</summary>
    public static int Judge(JsonElement answer) => answer.At("done").Number() == answer.At("requested").Number() ? ExitCode.Success : ExitCode.Partial;
}
