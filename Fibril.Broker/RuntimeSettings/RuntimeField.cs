namespace Fibril.Broker.RuntimeSettings;

/// <summary>What the number of a field counts.</summary>
internal enum FieldUnit
{
    /// <summary>1 for true, 0 for false.</summary>
    Boolean,
    Count,
    Milliseconds,
    Microseconds,
    Bytes,
}

/// <summary>When a changed value has an effect.</summary>
internal enum FieldApplies
{
    /// <summary>At once, on what goes on already too.</summary>
    Live,

    /// <summary>On whatever begins afterwards.</summary>
    NextUse,
}

/// <summary>One field: the single description that the document, its checks, the schema and the startup seeds are made of.</summary>
internal sealed class RuntimeField
{
    /// <summary>One of <see cref="RuntimeFields.Groups"/>.</summary>
    public required string Group { get; init; }

    public required string Name { get; init; }

    /// <summary>One sentence.</summary>
    public required string Description { get; init; }

    public required FieldUnit Unit { get; init; }

    /// <summary>Smallest allowed number.</summary>
    public required long Min { get; init; }

    /// <summary>Largest allowed number.</summary>
    public required long Max { get; init; }

    public required FieldApplies Applies { get; init; }

    /// <summary>The number that JSON writes as null; null when the field has no such form.</summary>
    public long? NullMeans { get; init; }

    public required Func<RuntimeOptions, long> Read { get; init; }

    public required Action<RuntimeOptions, long> Write { get; init; }

    public required long Default { get; init; }

    /// <summary>Group and name, as messages spell it.</summary>
    public string Path => $"{Group}.{Name}";

    /// <summary>What the field takes, for a message.</summary>
    public string AllowedNumbers => $"a whole number{UnitWords} from {Min} to {Max}" + (NullMeans is null ? "" : " or null");

    private string UnitWords =>
        Unit switch
        {
            FieldUnit.Milliseconds => " of milliseconds",
            FieldUnit.Microseconds => " of microseconds",
            FieldUnit.Bytes => " of bytes",
            _ => "",
        };

    public override string ToString() => Path;
}
