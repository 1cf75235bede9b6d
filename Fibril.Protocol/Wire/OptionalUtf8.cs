namespace Fibril.Protocol;

/// <summary>An optional text as UTF-8 bytes. Absent and empty differ on the wire (ENC-4).</summary>
public readonly ref struct OptionalUtf8
{
    /// <summary>A present value.</summary>
    public OptionalUtf8(ReadOnlySpan<byte> value)
    {
        IsPresent = true;
        Value = value;
    }

    /// <summary>False when the option is absent.</summary>
    public bool IsPresent { get; }

    /// <summary>The text; empty when absent.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Encoded size, in bytes.</summary>
    public int Measure() => IsPresent ? 5 + Value.Length : 1;

    internal void Write(ref WireWriter writer)
    {
        writer.WriteBool(IsPresent);
        if (IsPresent) writer.WriteBytes(Value);
    }

    internal static OptionalUtf8 Read(scoped ref WireReader reader) =>
        reader.ReadOption() ? new OptionalUtf8(reader.ReadUtf8()) : default;
}
