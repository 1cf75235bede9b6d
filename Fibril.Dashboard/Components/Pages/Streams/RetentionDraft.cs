using System.Globalization;
using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Streams;

/// <summary>What somebody writes into the form of what a stream keeps, and what it would change.</summary>
/// <param name="before">The bounds now.</param>
/// <param name="partitions">Of the stream, for what would be removed; empty while nobody knows.</param>
public sealed class RetentionDraft(Retention before, IReadOnlyList<StreamPartitionRow>? partitions = null)
{
    private const int Second = 1000;

    /// <summary>Empty for no bound, as all three are.</summary>
    public string? AgeSeconds { get; set; } = (before.MaxAgeMs / (decimal)Second)?.ToString("0.###", CultureInfo.InvariantCulture);

    public string? Bytes { get; set; } = before.MaxBytes?.ToString(CultureInfo.InvariantCulture);

    public string? Records { get; set; } = before.MaxRecords?.ToString(CultureInfo.InvariantCulture);

    /// <summary>The bounds then; null while something of it cannot be read.</summary>
    public Retention? After => Problems.Count > 0 ? null : new Retention(Read(AgeSeconds, Second), Read(Bytes, 1), Read(Records, 1));

    public IReadOnlyList<FieldProblem> Problems =>
    [
        .. new[] { (Name: "max_age_ms", Written: AgeSeconds, Unit: Second), (Name: "max_bytes", Written: Bytes, Unit: 1), (Name: "max_records", Written: Records, Unit: 1) }
            .Where(static bound => !string.IsNullOrWhiteSpace(bound.Written) && Read(bound.Written, bound.Unit) is null)
            .Select(static bound => new FieldProblem(bound.Name, "is no number; write one that is not below 0, or nothing for no bound")),
    ];

    /// <summary>The age as a command has it.</summary>
    public string? AgeText => After?.MaxAgeMs is { } age ? string.Create(CultureInfo.InvariantCulture, $"{age}ms") : null;

    /// <summary>True when records may be removed at once that would stay otherwise.</summary>
    public bool TakesRecords => After is { } after && (IsTighter(before.MaxAgeMs, after.MaxAgeMs) || IsTighter(before.MaxBytes, after.MaxBytes) || IsTighter(before.MaxRecords, after.MaxRecords));

    /// <summary>Records that a bound of their number takes at once. What a bound of age or size takes is known to the broker only.</summary>
    public long RecordsBeyond => After?.MaxRecords is { } most ? (partitions ?? []).Sum(partition => Math.Max(0, partition.Retained - most)) : 0;

    public IReadOnlyList<PlannedChange> Changes
    {
        get
        {
            if (After is not { } after) return [];
            var changes = new List<PlannedChange>();
            Add("Oldest record", before.MaxAgeMs, after.MaxAgeMs, static value => Show.Milliseconds(value), "What is older is removed at once.");
            Add("Most bytes of a partition", before.MaxBytes, after.MaxBytes, static value => Show.Bytes(value), $"The oldest are removed at once where there is more; the largest partition has {Show.Bytes((partitions ?? []).Max(static partition => (long?)partition.SizeBytes))}.");
            Add("Most records of a partition", before.MaxRecords, after.MaxRecords, static value => Show.Exact(value), $"{Show.Plural(RecordsBeyond, "record")} {(RecordsBeyond == 1 ? "is" : "are")} removed at once.");
            return changes;

            void Add(string setting, long? now, long? then, Func<long?, string> show, string taking)
            {
                if (now == then) return;
                changes.Add(new PlannedChange(setting, now is null ? "no bound" : show(now), then is null ? "no bound" : show(then), IsTighter(now, then) ? taking : "More is kept from now on; what is gone does not come back."));
            }
        }
    }

    private static bool IsTighter(long? now, long? then) => then is { } bound && (now is null || bound < now);

    private static long? Read(string? text, int unit) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out decimal number)
        && number <= long.MaxValue / unit && (unit > 1 || number == decimal.Truncate(number)) ? (long)(number * unit) : null;
}
