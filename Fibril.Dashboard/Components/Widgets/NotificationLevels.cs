using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Widgets;

/// <summary>What a browser may be told of while nobody looks.</summary>
public static class NotificationLevels
{
    /// <summary>What the browser keeps the choice under.</summary>
    public const string Key = "notifications";

    public const string Off = "off";

    private const string Critical = "critical";
    private const string Everything = "all";

    public static IReadOnlyList<(string Level, string Text)> All { get; } =
        [(Off, "Nothing"), (Critical, "What is critical"), (Everything, "What is critical, and warnings")];

    /// <summary>What was kept; nothing while that is none of the levels.</summary>
    public static string Read(string? kept) => kept is Critical or Everything ? kept : Off;

    /// <summary>Whether a level includes things that matter so much.</summary>
    public static bool Tells(string level, Severity severity) => level switch
    {
        Critical => severity == Severity.Critical,
        Everything => severity is Severity.Critical or Severity.Warning,
        _ => false,
    };
}
