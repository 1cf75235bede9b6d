namespace Fibril.Broker.Hosting.Configuration;

/// <summary>How a source spells values.</summary>
internal enum Notation
{
    /// <summary>Environment and command line: <c>true</c> or <c>false</c>, plain decimal numbers, text without quotes.</summary>
    Plain,

    /// <summary>TOML literals, with units in text for durations and sizes.</summary>
    Toml,
}

/// <summary>Where a value came from. <see cref="object.ToString"/> is short enough for a comment beside the value.</summary>
internal abstract record SettingSource
{
    public virtual Notation Notation => Notation.Plain;

    /// <summary>The place in words.</summary>
    public virtual string Where => ToString();

    /// <summary>How this source would give <paramref name="value"/>, spelled in its notation, to <paramref name="key"/>.</summary>
    public abstract string Assign(string key, string value);
}

internal sealed record DefaultSource : SettingSource
{
    public static DefaultSource Instance { get; } = new();

    public override string Assign(string key, string value) => $"--set {key}={value}";

    public override string ToString() => "default";
}

/// <summary>A place in the TOML file; lines and columns count from 1, and 0 means the file as a whole.</summary>
internal sealed record FileSource(string Path, int Line, int Column) : SettingSource
{
    public override Notation Notation => Notation.Toml;

    public override string Assign(string key, string value) => $"{key[(key.LastIndexOf('.') + 1)..]} = {value}";

    public override string ToString() => Line == 0 ? Printable.Line(Path) : $"{Printable.Line(Path)}:{Line}:{Column}";
}

internal sealed record VariableSource(string Name) : SettingSource
{
    public override string Where => "environment variable " + ToString();

    public override string Assign(string key, string value) => $"{Name}={value}";

    public override string ToString() => Printable.Line(Name);
}

/// <summary>A flag of the command line; <paramref name="Key"/> is given when the flag takes keys itself.</summary>
internal sealed record FlagSource(string Flag, string? Key = null) : SettingSource
{
    public override string Where => "command line, " + ToString();

    public override string Assign(string key, string value) => Key is null ? $"{Flag} {value}" : $"{Flag} {key}={value}";

    public override string ToString() => Key is null ? Flag : $"{Flag} {Printable.Line(Key)}";
}

/// <summary>A list to which a second source added.</summary>
internal sealed record JoinedSource(SettingSource First, SettingSource Second) : SettingSource
{
    public override Notation Notation => First.Notation;

    public override string Assign(string key, string value) => First.Assign(key, value);

    public override string ToString() => $"{First} and {Second}";
}
