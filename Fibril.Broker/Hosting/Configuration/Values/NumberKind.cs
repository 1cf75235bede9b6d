using System.Globalization;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A whole number in a range: a count, or, with units, a duration or a size.</summary>
internal sealed class NumberKind<T>(long min, long max, Func<long, T> fromNumber, Func<T, long> toNumber, NumberUnits? units = null)
    : ValueKind<T>
{
    public override string Placeholder => units?.Placeholder ?? "N";

    public override string Range => units is null ? $"{min} to {max}" : $"{units.Format(min)} to {units.Format(max)}";

    public override string Allowed(Notation notation)
    {
        if (units is null) return $"a number from {min} to {max}";
        string plain = $"a number of {units.Plural} from {min} to {max}";
        return notation == Notation.Plain ? plain : $"{plain}, or \"{units.Format(min)}\" to \"{units.Format(max)}\"";
    }

    public override Reading<T> Read(string text) =>
        PlainNumber.TryParse(text, out Int128 number) ? Check(number) : Bad("is not a plain decimal number", GuessPlain(text));

    public override Reading<T> Read(FileNode node) =>
        node switch
        {
            FileInteger integer => Check(integer.Value),
            FileText text when units is null => WrongType(node, "a number", GuessPlain(text.Value)),
            FileText text => ReadWithUnit(text.Value, units),
            _ => WrongType(node, "a number"),
        };

    public override string Write(T value, Notation notation) => Spell(toNumber(value));

    public override string Describe(T value) => units is null ? Spell(toNumber(value)) : units.Format(toNumber(value));

    private Reading<T> ReadWithUnit(string text, NumberUnits known)
    {
        if (known.TryParse(text, out Int128 number)) return Check(number);
        if (PlainNumber.TryParse(text, out Int128 plain)) return Bad("is text without a unit", InRange(plain) ? Spell((long)plain) : null);
        string? guess = known.Guess(text);
        bool fits = guess is not null && known.TryParse(guess, out Int128 meant) && InRange(meant);
        return Bad("is not a number with a unit", fits ? Printable.TomlString(guess!) : null);
    }

    private string? GuessPlain(string text)
    {
        string bare = text.Trim().Replace("_", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal);
        bool read = PlainNumber.TryParse(bare, out Int128 number) || units is not null && units.TryParse(bare, out number);
        return read && InRange(number) ? Spell((long)number) : null;
    }

    private Reading<T> Check(Int128 number) =>
        number < min ? Bad("is too small") : number > max ? Bad("is too large") : Good(fromNumber((long)number));

    private bool InRange(Int128 number) => number >= min && number <= max;

    private static string Spell(long number) => number.ToString(CultureInfo.InvariantCulture);
}
