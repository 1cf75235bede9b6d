using System.Globalization;

namespace Fibril.Broker.Log;

/// <summary>Bytes that were once synced and are not what was written: not a crash, but a broken disk, or somebody else's hand.</summary>
/// <param name="Path">The damaged file.</param>
/// <param name="Position">First byte that cannot be read: the start of a record, or of a file.</param>
/// <param name="EndPosition">Where the next good record starts, or the file ends; as <paramref name="Position"/> where bytes are missing.</param>
/// <param name="Offset">First offset that cannot be read; null when the file holds no records.</param>
/// <param name="EndOffset">First offset behind it that can be read; null when nobody knows where the damage ends.</param>
/// <param name="Detail">What is wrong there.</param>
internal sealed record LogDamage(string Path, long Position, long EndPosition, long? Offset, long? EndOffset, string Detail)
{
    /// <summary>True when nothing is damaged that is there: a file, or the end of a log, is missing.</summary>
    public bool IsMissing => Position == 0 && EndPosition == 0 && EndOffset is not null;

    /// <summary>One line for an operator.</summary>
    public override string ToString() => $"{Path} is damaged{Bytes}{Offsets}: {Detail}";

    private string Bytes => EndPosition > Position
        ? string.Create(CultureInfo.InvariantCulture, $" from byte {Position} to byte {EndPosition}")
        : string.Create(CultureInfo.InvariantCulture, $" at byte {Position}");

    private string Offsets => (Offset, EndOffset - Offset) switch
    {
        (null, _) => "",
        (_, null) => string.Create(CultureInfo.InvariantCulture, $", where offset {Offset} and what follows are expected"),
        (_, 1) => string.Create(CultureInfo.InvariantCulture, $", where offset {Offset} is expected"),
        _ => string.Create(CultureInfo.InvariantCulture, $", where offsets {Offset} to {EndOffset - 1} are expected"),
    };
}

/// <summary>Something that is stored cannot be read. The message says where, and what is lost by it.</summary>
internal sealed class LogDamagedException(LogDamage damage) : IOException(damage.ToString())
{
    public LogDamage Damage => damage;

    public string Path => damage.Path;

    public long Position => damage.Position;

    public long EndPosition => damage.EndPosition;

    public long? Offset => damage.Offset;

    public long? EndOffset => damage.EndOffset;
}
