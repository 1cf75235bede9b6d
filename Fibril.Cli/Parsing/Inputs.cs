using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Fibril.Protocol;

namespace Fibril.Cli.Parsing;

/// <summary>Makes options and arguments whose values are checked while parsing, with messages that say what is allowed.</summary>
internal static class Inputs
{
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<string?> Text(string name, string placeholder, string description) =>
        new(name) { HelpName = placeholder, Description = description };

    public static Option<TimeSpan?> Duration(string name, string description, TimeSpan? least = null, TimeSpan? most = null) => Checked<TimeSpan?>(
        name, "duration", description,
        text => !DurationText.TryParse(text, out TimeSpan value) ? Bad<TimeSpan?>($"'{text}' is no duration; write {DurationText.Forms}")
            : value < least ? Bad<TimeSpan?>($"{text} is too short; write {least.Value.TotalMilliseconds}ms or more")
            : value > most ? Bad<TimeSpan?>($"{text} is too long; write {most.Value.TotalHours}h or less")
            : (value, null));

    /// <summary>A duration that may be left out behind its option.</summary>
    public static Option<TimeSpan?> OptionalDuration(string name, string description, TimeSpan usual, TimeSpan least, TimeSpan most)
    {
        Option<TimeSpan?> option = Duration(name, description, least, most);
        Func<ArgumentResult, TimeSpan?> read = option.CustomParser!;
        option.Arity = ArgumentArity.ZeroOrOne;
        option.CustomParser = result => result.Tokens.Count == 0 ? usual : read(result);
        return option;
    }

    public static Option<long?> Number(string name, string description, long least, long most) => Checked<long?>(
        name, "n", description,
        text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? (value, null)
            : Bad<long?>($"'{text}' is not allowed; write a whole number from {least} to {most}"));

    public static Option<string?> Choice(string name, string description, params string[] choices)
    {
        Option<string?> option = Checked<string?>(
            name, string.Join('|', choices), description,
            text => choices.Contains(text) ? (text, null) : Bad<string?>($"'{text}' is not allowed; write {string.Join(" or ", choices)}"));
        option.CompletionSources.Add(choices);
        return option;
    }

    /// <summary>The values of an option that may be repeated; null when it is not given, for which the library has an empty array.</summary>
    public static T[]? Given<T>(this ParseResult parse, Option<T[]?> option) => parse.GetResult(option) is null ? null : parse.GetValue(option);

    /// <summary>A choice that may be left out behind its option.</summary>
    public static Option<string?> OptionalChoice(string name, string description, string usual, params string[] choices)
    {
        Option<string?> option = Choice(name, description, choices);
        Func<ArgumentResult, string?> read = option.CustomParser!;
        option.Arity = ArgumentArity.ZeroOrOne;
        option.CustomParser = result => result.Tokens.Count == 0 ? usual : read(result);
        return option;
    }

    /// <summary>Offsets: single ones and ranges such as 5-9, with commas between, the option as often as you like.</summary>
    public static Option<long[]?> Offsets(string description) => new("--offset")
    {
        HelpName = "n|from-to",
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = static result => [.. result.Tokens.SelectMany(token => ReadOffsets(token.Value, result)).Distinct()],
    };

    public static Option<Moment?> Time(string name, string description) => Checked<Moment?>(
        name, "time", description,
        static text => Moment.TryParse(text, out Moment moment) ? (moment, null) : Bad<Moment?>($"'{text}' is no time; write {Moment.Forms}"));

    public static Argument<string> Name(string name, string description) => new(name) { Description = description };

    public static Option<string?> Group(string name = "--group", string description = "Group of the queue; empty and 'default' mean none.") =>
        Checked<string?>(name, "name", description, static text => ReadGroup(text));

    public static Option<string?> Topic(string name, string description) => Checked<string?>(name, "topic", description, static text => ReadTopic(text));

    public static Option<KeyValuePair<string, string>[]?> Headers(string name, string description) => new(name)
    {
        HelpName = "key=value",
        Description = description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => [.. result.Tokens.Select(token => ReadHeader(token.Value, result))],
    };

    public static Argument<string> Topic() => new("topic")
    {
        Description = "Topic of the queue: 1 to 128 characters of a-z 0-9 . _ -",
        CustomParser = static result => Take(result, "topic", ReadTopic)!,
    };

    /// <summary>An option with one value, or none when it is not given.</summary>
    public static Option<T> Checked<T>(string name, string placeholder, string description, Func<string, (T? Value, string? Fault)> read) => new(name)
    {
        HelpName = placeholder,
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Take(result, name, read),
    };

    public static (T? Value, string Fault) Bad<T>(string fault) => (default, fault);

    private static T? Take<T>(ArgumentResult result, string name, Func<string, (T? Value, string? Fault)> read)
    {
        (T? value, string? fault) = read(result.Tokens[0].Value);
        if (fault is not null) result.AddError($"{name}: {fault}.");
        return value;
    }

    private static IEnumerable<long> ReadOffsets(string text, ArgumentResult result)
    {
        if (!OffsetText.TryParse(text, out IReadOnlyList<long> offsets)) result.AddError($"--offset: '{text}' is no offset; write {OffsetText.Forms}.");
        return offsets;
    }

    private static KeyValuePair<string, string> ReadHeader(string text, ArgumentResult result)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string key = equals < 0 ? text : text[..equals];
        if (equals < 1) result.AddError($"--header: '{text}' is not key=value.");
        else if (ReservedHeaders.IsReserved(Encoding.UTF8.GetBytes(key)))
            result.AddError($"--header: '{key}' is reserved; keys that start with 'fibril.' or 'stroma.' are the broker's.");
        return new KeyValuePair<string, string>(key, text[(equals + 1)..]);
    }

    private static (string?, string?) ReadTopic(string text) =>
        Names.Explain(Encoding.UTF8.GetBytes(text)) is { } fault ? Bad<string?>($"'{text}' is no topic name: {fault}") : (text, null);

    private static (string?, string?) ReadGroup(string text)
    {
        string group = Names.NormaliseGroup(text.Trim()) ?? ""; // null would be taken for "cannot be read"
        if (group.Length == 0) return (group, null);
        return Names.Explain(Encoding.UTF8.GetBytes(group)) is { } fault ? Bad<string?>($"'{group}' is no group name: {fault}") : (group, null);
    }
}
