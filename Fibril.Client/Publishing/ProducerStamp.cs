using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Fibril.Protocol;

namespace Fibril.Client.Publishing;

/// <summary>Numbers the messages of one producer, so that a broker knows one again that is sent twice. Thread-safe.</summary>
internal sealed class ProducerStamp
{
    private const int MostDigits = 20;

    private readonly Lock _gate = new();
    private readonly HeaderBlockBuilder _builder = new();
    private readonly byte[] _idUtf8;
    private ulong _next;

    /// <param name="id">One text for all messages, which nobody else uses.</param>
    public ProducerStamp(string id)
    {
        Id = id;
        _idUtf8 = Encoding.UTF8.GetBytes(id);
    }

    public string Id { get; }

    /// <summary>Headers with the next number.</summary>
    /// <param name="headers">Encoded headers of the application; empty for none.</param>
    /// <param name="rented">What the headers lie in; to give back to the shared pool when the message is done with.</param>
    /// <param name="number">The number.</param>
    public ReadOnlyMemory<byte> Next(ReadOnlySpan<byte> headers, out byte[] rented, out ulong number)
    {
        Span<byte> digits = stackalloc byte[MostDigits];
        lock (_gate)
        {
            number = _next++;
            Utf8Formatter.TryFormat(number, digits, out int length);
            _builder.Clear();
            if (!headers.IsEmpty) _builder.AddAll(HeaderBlock.FromValidated(headers));
            _builder.Add(ReservedHeaders.ProducerId, _idUtf8);
            _builder.Add(ReservedHeaders.ProducerSequence, digits[..length]);
            ReadOnlySpan<byte> encoded = _builder.Block.Encoded;
            rented = ArrayPool<byte>.Shared.Rent(encoded.Length);
            encoded.CopyTo(rented);
            return rented.AsMemory(0, encoded.Length);
        }
    }
}
