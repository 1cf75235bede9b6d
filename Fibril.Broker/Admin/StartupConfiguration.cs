namespace Fibril.Broker.Admin;

/// <summary>What the broker was started with, as far as it may be shown.</summary>
/// <param name="DataDirectory">The data directory, as a full path.</param>
/// <param name="BrokerBind">Where clients connect.</param>
/// <param name="AdminBind">Where this API listens.</param>
/// <param name="Settings">Every setting with where its value comes from.</param>
internal sealed record StartupConfiguration(string DataDirectory, string BrokerBind, string AdminBind, IReadOnlyList<StartupSetting> Settings);

/// <summary>One setting of the start.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">As TOML; secrets are replaced.</param>
/// <param name="Source">Where it comes from: default, a place in a file, a variable, or a flag.</param>
/// <param name="IsSecret">True when its value is not shown.</param>
/// <param name="Description">One sentence.</param>
internal sealed record StartupSetting(string Key, string Value, string Source, bool IsSecret, string Description);
