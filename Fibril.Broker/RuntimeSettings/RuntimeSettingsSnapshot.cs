namespace Fibril.Broker.RuntimeSettings;

/// <summary>The runtime settings in effect at one moment; in JSON as <c>GET /admin/api/runtime-settings</c> has them.</summary>
/// <param name="Version">Grows by one with every change; what an update has to name.</param>
/// <param name="Settings">The values in effect.</param>
/// <param name="Locks">For every group, whether startup configuration locks it.</param>
/// <param name="LoadIssue">Why what is stored is not in effect; null when it is.</param>
internal sealed record RuntimeSettingsSnapshot(
    long Version, RuntimeSettingsDocument Settings, IReadOnlyDictionary<string, bool> Locks, LoadIssue? LoadIssue);

/// <summary>A stored document that could not be read at the start.</summary>
/// <param name="Version">The version that an update has to name to replace it.</param>
/// <param name="Message">What is wrong with it.</param>
internal sealed record LoadIssue(long Version, string Message);

/// <summary>One version that was in effect.</summary>
/// <param name="Version">Its number.</param>
/// <param name="AtMs">When it was stored, in Unix milliseconds.</param>
/// <param name="Actor">Who stored it.</param>
/// <param name="Settings">What was stored: of locked groups the values that wait for the lock to go.</param>
internal sealed record RuntimeSettingsVersion(long Version, long AtMs, string Actor, RuntimeSettingsDocument Settings);

/// <summary>Something wrong with one field.</summary>
/// <param name="Field">Group and name, or the group.</param>
/// <param name="Problem">A predicate, such as "is 0, not a whole number from 1 to 10".</param>
internal sealed record SettingProblem(string Field, string Problem)
{
    public override string ToString() => $"{Field} {Problem}";
}
