namespace Fibril.Broker.Hosting.Configuration;

/// <summary>
/// One setting: the single description that parsing, checks, <c>--help</c>, <c>--print-config</c> and the reference are made of.
/// </summary>
internal abstract class SettingDefinition(string key, string description, string? variable, string? flag)
{
    /// <summary>Dotted TOML path.</summary>
    public string Key { get; } = key;

    /// <summary>The key without its last part.</summary>
    public string Section => Key[..Key.LastIndexOf('.')];

    /// <summary>The last part of the key.</summary>
    public string Name => Key[(Key.LastIndexOf('.') + 1)..];

    /// <summary>One sentence.</summary>
    public string Description { get; } = description;

    /// <summary>The environment variable of its own, if it has one.</summary>
    public string? Variable { get; } = variable;

    /// <summary>The environment variable every setting has: the key with two underscores for each dot.</summary>
    public string GenericVariable { get; } = "FIBRIL__" + key.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>The command-line flag of its own, if it has one; every setting can be given with <c>--set</c>.</summary>
    public string? Flag { get; } = flag;

    /// <summary>True when its value must not be shown.</summary>
    public abstract bool IsSecret { get; }

    public abstract string Placeholder { get; }

    /// <summary>The range in words; null when there is none.</summary>
    public abstract string? Range { get; }

    /// <summary>The default as people say it.</summary>
    public abstract string Default { get; }

    /// <summary>The value in <paramref name="options"/> as TOML; secrets are replaced.</summary>
    public abstract string WriteToml(BrokerOptions options);

    /// <summary>Reads one value and sets it on the options of <paramref name="target"/>; what is wrong goes to its problems.</summary>
    public abstract void Apply(RawValue raw, SettingTarget target);
}

/// <summary>Where values of settings go.</summary>
/// <param name="Options">Takes the values.</param>
/// <param name="Problems">Takes what is wrong with them.</param>
/// <param name="ReadFile">As <see cref="ConfigurationLoader.Load"/> was given it, for values that name a file with a secret.</param>
internal sealed record SettingTarget(BrokerOptions Options, ICollection<ConfigurationProblem> Problems, Func<string, string> ReadFile);

/// <summary>A setting with one value; its default is what a fresh <see cref="BrokerOptions"/> holds.</summary>
internal sealed class ScalarSetting<T>(
    string key, ValueKind<T> kind, string description, Func<BrokerOptions, T> get, Action<BrokerOptions, T> set,
    string? variable, string? flag)
    : SettingDefinition(key, description, variable, flag)
{
    private readonly T _default = get(new BrokerOptions());

    public override bool IsSecret => false;

    public override string Placeholder => kind.Placeholder;

    public override string? Range => kind.Range;

    public override string Default => kind.Describe(_default);

    public override string WriteToml(BrokerOptions options) => kind.Write(get(options), Notation.Toml);

    public override void Apply(RawValue raw, SettingTarget target)
    {
        Reading<T> reading = raw.Read(kind);
        if (reading.Fault is null)
        {
            set(target.Options, reading.Value!);
            return;
        }

        Notation notation = raw.Source.Notation;
        target.Problems.Add(new ConfigurationProblem(ProblemKind.Value, Key, reading.Fault, raw.Source)
        {
            Found = raw.Shown,
            Allowed = kind.Allowed(notation),
            Instead = raw.Source.Assign(Key, reading.Instead ?? kind.Write(_default, notation)),
        });
    }
}
