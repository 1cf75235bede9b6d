namespace Fibril.Protocol;

/// <summary>One message of the protocol: its operation, its magic, and its fields in wire order.</summary>
/// <remarks>
/// Messages on the path of every delivery are ref structs over the caller's bytes and allocate nothing; the others are records.
/// Records that hold lists compare them by reference: two equal messages are those that encode to the same bytes.
/// Use <see cref="Frame"/> to read and write them; it adds header and magic and checks that a body ends where its fields end.
/// </remarks>
/// <typeparam name="TSelf">The message type itself.</typeparam>
public interface IWireMessage<TSelf> where TSelf : IWireMessage<TSelf>, allows ref struct
{
    /// <summary>The operation that carries this message.</summary>
    static abstract OpCode OpCode { get; }

    /// <summary>The four ASCII bytes in front of the fields, as a big-endian number; 0 when the body is empty.</summary>
    static abstract uint Magic { get; }

    /// <summary>Encoded size of the fields, in bytes, without the magic.</summary>
    int MeasureFields();

    /// <summary>Writes exactly <see cref="MeasureFields"/> bytes.</summary>
    void WriteFields(ref WireWriter writer);

    /// <summary>Reads the fields. After a fault the result is meaningless and the reader says why.</summary>
    static abstract TSelf ReadFields(scoped ref WireReader reader);
}
