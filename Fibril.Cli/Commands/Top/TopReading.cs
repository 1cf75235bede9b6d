using System.Text.Json;

namespace Fibril.Cli.Commands.Top;

/// <summary>What a broker answered in one round; what it did not know is undefined.</summary>
/// <param name="At">When, by the clock of this machine.</param>
/// <param name="Clock">When, by a clock that nobody sets; only differences mean anything.</param>
/// <param name="Overview">The numbers of the broker.</param>
/// <param name="Attention">What deserves a look.</param>
/// <param name="Queues">The first queues in the order that was asked for.</param>
/// <param name="Details">The same queues by name, with their partitions.</param>
internal sealed record TopReading(
    DateTimeOffset At, TimeSpan Clock, JsonElement Overview, JsonElement Attention, JsonElement Queues, IReadOnlyDictionary<string, JsonElement> Details);
