namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A value that may be absent; empty text stands for that.</summary>
/// <param name="inner">What it is when it is there.</param>
/// <param name="absence">What its absence means, as people say it.</param>
internal sealed class OptionalKind<T>(ValueKind<T> inner, string absence) : ValueKind<T?> where T : struct
{
    public override string Placeholder => inner.Placeholder;

    public override string? Range => inner.Range;

    public override string Allowed(Notation notation) => OptionalText.Extend(inner.Allowed(notation), absence);

    public override Reading<T?> Read(string text) => text.Length == 0 ? Good(null) : Lift(inner.Read(text));

    public override Reading<T?> Read(FileNode node) => node is FileText { Value.Length: 0 } ? Good(null) : Lift(inner.Read(node));

    public override string Write(T? value, Notation notation) => value is { } present ? inner.Write(present, notation) : OptionalText.Empty(notation);

    public override string Describe(T? value) => value is { } present ? inner.Describe(present) : absence;

    private static Reading<T?> Lift(Reading<T> reading) => new(reading.Value, reading.Fault, reading.Instead);
}

/// <summary>As <see cref="OptionalKind{T}"/>, for text.</summary>
internal sealed class OptionalText(ValueKind<string> inner, string absence) : ValueKind<string?>
{
    public override string Placeholder => inner.Placeholder;

    public override string Allowed(Notation notation) => Extend(inner.Allowed(notation), absence);

    public override Reading<string?> Read(string text) => text.Length == 0 ? Good(null) : Lift(inner.Read(text));

    public override Reading<string?> Read(FileNode node) => node is FileText { Value.Length: 0 } ? Good(null) : Lift(inner.Read(node));

    public override string Write(string? value, Notation notation) => value is null ? Empty(notation) : inner.Write(value, notation);

    public override string Describe(string? value) => value is null ? absence : inner.Describe(value);

    internal static string Extend(string allowed, string absence) => $"{allowed}; empty for the default: {absence}";

    internal static string Empty(Notation notation) => notation == Notation.Toml ? "\"\"" : "";

    private static Reading<string?> Lift(Reading<string> reading) => new(reading.Value, reading.Fault, reading.Instead);
}
