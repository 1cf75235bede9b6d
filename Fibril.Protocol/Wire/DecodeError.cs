namespace Fibril.Protocol;

/// <summary>What made a body malformed.</summary>
public enum DecodeFault : byte
{
    /// <summary>Nothing: the body is well formed.</summary>
    None = 0,
    /// <summary>The first four bytes are not the magic of the operation.</summary>
    WrongMagic,
    /// <summary>A field, length or count runs past the end of the body.</summary>
    PastEnd,
    /// <summary>A bool is neither 0 nor 1.</summary>
    UndefinedBool,
    /// <summary>An option tag is neither 0 nor 1.</summary>
    UndefinedOption,
    /// <summary>An enum value or union tag is not defined.</summary>
    UndefinedValue,
    /// <summary>A text field is not valid UTF-8.</summary>
    InvalidUtf8,
    /// <summary>Bytes are left over after the last field.</summary>
    TrailingBytes,
}

/// <summary>The first fault found in a body, and the byte offset in the body where it was found.</summary>
public readonly record struct DecodeError(DecodeFault Fault, int Position)
{
    /// <summary>A sentence for the message of an ERROR 400.</summary>
    public override string ToString() => Fault switch
    {
        DecodeFault.None => "the body is well formed",
        DecodeFault.WrongMagic => "the body does not start with the magic of its operation",
        DecodeFault.PastEnd => $"a field at byte {Position} of the body runs past its end",
        DecodeFault.UndefinedBool => $"the bool at byte {Position} of the body is neither 0 nor 1",
        DecodeFault.UndefinedOption => $"the option tag at byte {Position} of the body is neither 0 nor 1",
        DecodeFault.UndefinedValue => $"the enum value or union tag at byte {Position} of the body is not defined",
        DecodeFault.InvalidUtf8 => $"the text at byte {Position} of the body is not valid UTF-8",
        DecodeFault.TrailingBytes => $"bytes are left over from byte {Position} of the body on",
        _ => $"the body is malformed at byte {Position}",
    };
}
