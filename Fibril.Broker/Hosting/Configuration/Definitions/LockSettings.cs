using Fibril.Broker.RuntimeSettings;
using static Fibril.Broker.Hosting.Configuration.Define;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Which groups of the runtime settings nobody can change while the broker runs (K-8).</summary>
internal static class LockSettings
{
    public const string Section = "runtime_locks";

    public static IEnumerable<SettingDefinition> All => RuntimeFields.Groups.Select(static group => Scalar(
        $"{Section}.{group}", Kind.Boolean,
        $"True keeps the runtime settings of {group} at their values under runtime_seed, whatever is stored, and refuses changes.",
        options => options.RuntimeLocks.Contains(group),
        (options, value) =>
        {
            if (value) options.RuntimeLocks.Add(group);
            else options.RuntimeLocks.Remove(group);
        }));
}
