namespace Fibril.Broker.RuntimeSettings;

internal enum UpdateOutcome
{
    /// <summary>Durable, and in effect.</summary>
    Updated,

    /// <summary>Somebody else changed it since the version that was named (K-6).</summary>
    Conflict,

    /// <summary>It would change a group that is locked (K-8).</summary>
    Locked,

    /// <summary>A field has a value that it cannot have (K-7).</summary>
    Invalid,

    /// <summary>The version to go back to is not kept.</summary>
    UnknownVersion,
}

/// <summary>What an update came to.</summary>
/// <param name="Outcome">Whether it happened; if not, nothing changed.</param>
/// <param name="Current">What is in effect afterwards.</param>
/// <param name="Changed">The fields that have other values in effect than before, as group and name.</param>
/// <param name="Problems">For what is invalid the fields, for what is locked the groups.</param>
internal sealed record RuntimeSettingsUpdate(
    UpdateOutcome Outcome, RuntimeSettingsSnapshot Current, IReadOnlyList<string> Changed, IReadOnlyList<SettingProblem> Problems);

/// <summary>What runtime settings go back to.</summary>
internal abstract record ResetTarget
{
    /// <summary>What this start was configured with.</summary>
    public static ResetTarget Seed { get; } = new ToSeed();

    /// <summary>What is built in.</summary>
    public static ResetTarget Defaults { get; } = new ToDefaults();

    /// <summary>A version that is kept.</summary>
    public static ResetTarget Version(long version) => new ToVersion(version);

    internal sealed record ToSeed : ResetTarget;

    internal sealed record ToDefaults : ResetTarget;

    internal sealed record ToVersion(long Number) : ResetTarget;
}
