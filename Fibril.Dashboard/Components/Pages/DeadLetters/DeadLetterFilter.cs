using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.DeadLetters;

/// <summary>Which dead letters of a queue: those that meet every condition that is given.</summary>
/// <param name="Queue">Where they are.</param>
/// <param name="Fingerprint">Of one cause.</param>
/// <param name="Reason">Why they failed.</param>
/// <param name="Source">Where they failed.</param>
/// <param name="FromMs">Dead since then or later, in Unix milliseconds.</param>
/// <param name="ToMs">Dead before then.</param>
/// <param name="Header">One header, as <c>key=value</c>.</param>
public sealed record DeadLetterFilter(
    ChannelName Queue, string? Fingerprint = null, string? Reason = null, ChannelName? Source = null, long? FromMs = null, long? ToMs = null, string? Header = null)
{
    /// <summary>True when it is all of them.</summary>
    public bool IsEverything => this == new DeadLetterFilter(Queue);

    /// <summary>True when a condition is set that groups cannot tell whether they meet it.</summary>
    public bool IsFinerThanGroups => FromMs is not null || ToMs is not null || Header is not null;

    /// <summary>The header apart; null when there is none, or it is none.</summary>
    private (string Key, string Value)? HeaderPair =>
        Header?.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (Header[..at], Header[(at + 1)..]) : null;

    /// <summary>What is wrong with it; null for nothing.</summary>
    public string? Problem => Header is not null && HeaderPair is null ? "write key=value" : null;

    /// <summary>As the API takes it.</summary>
    /// <param name="most">Most dead letters; null for all.</param>
    public JobFilter ToBody(long? most) => new(
        Reason is null ? null : [Reason], Source?.Topic, Source?.Group, FromMs, ToMs, HeaderPair is { } header ? new Dictionary<string, string> { [header.Key] = header.Value } : null, most,
        Fingerprint is null ? null : [Fingerprint]);

    /// <summary>True when a group can have some of them.</summary>
    public bool Has(FailureGroup group) =>
        (Fingerprint is null || group.Fingerprint == Fingerprint) && (Reason is null || group.Reason == Reason)
        && (Source is null || (group.SourceTopic == Source.Topic && group.SourceGroup == Source.Group));

    /// <summary>Adds the conditions to a command.</summary>
    public CliCommand AddTo(CliCommand command) => command.With("--group", Queue.Group).If(IsEverything, "--all").With("--fingerprint", Fingerprint).With("--reason", Reason)
        .With("--source-topic", Source?.Topic).With("--source-group", Source?.Group).With("--from-time", TimeOf(FromMs)).With("--to-time", TimeOf(ToMs)).With("--header", Header);

    /// <summary>In words.</summary>
    public override string ToString() => IsEverything ? "all dead letters" : "dead letters " + string.Join(", ", Conditions());

    private IEnumerable<string> Conditions()
    {
        if (Fingerprint is not null) yield return $"of the cause {Fingerprint}";
        if (Reason is not null) yield return $"with the reason {Show.Words(Reason)}";
        if (Source is not null) yield return $"from {Source}";
        if (FromMs is not null) yield return $"since {Show.Moment(FromMs)}";
        if (ToMs is not null) yield return $"before {Show.Moment(ToMs)}";
        if (Header is not null) yield return $"with the header {Header}";
    }

    private static string? TimeOf(long? atMs) => UtcInput.Of(atMs) is { } text ? text + (atMs % 1000 is > 0 and var milliseconds ? $".{milliseconds:000}Z" : "Z") : null;
}
