using System.Globalization;

namespace Fibril.Broker.Admin.Http;

/// <summary>A parameter of a query string: the one description that parsing, errors and the OpenAPI document are made of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Type">Its type in JSON schema.</param>
internal abstract record QueryParameter(string Name, string Description, string Type)
{
    public bool IsRequired { get; init; }

    public long? Minimum { get; init; }

    public long? Maximum { get; init; }

    /// <summary>Every value it may have; null when there are too many to list.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    protected ApiException Refuse(string problem) =>
        new(ApiErrorCodes.InvalidArgument, $"The query parameter {Name} {problem}", new FieldProblem(Name, problem));
}

/// <inheritdoc cref="QueryParameter"/>
internal sealed record QueryParameter<T>(string Name, string Description, string Type, Func<string, T> Parse, T Default, string Allowed)
    : QueryParameter(Name, Description, Type)
{
    /// <exception cref="ApiException">It is missing and required, given twice, or cannot be read.</exception>
    public T Read(IQueryCollection query)
    {
        if (!query.TryGetValue(Name, out Microsoft.Extensions.Primitives.StringValues values) || values is [null or ""])
            return IsRequired ? throw Refuse($"is missing; give {Allowed}.") : Default;
        if (values is not [{ } text]) throw Refuse("is given more than once; give it once.");
        try
        {
            return Parse(text);
        }
        catch (FormatException fault)
        {
            throw Refuse($"cannot be '{Shorten(text)}': {(fault.Message.Length > 0 ? fault.Message : $"give {Allowed}")}.");
        }
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "...";
}

/// <summary>Makes parameters.</summary>
internal static class Query
{
    public static QueryParameter<string?> Text(string name, string description) => new(name, description, "string", static text => text, null, "a text");

    public static QueryParameter<string> RequiredText(string name, string description) =>
        new(name, description, "string", static text => text, "", "a text") { IsRequired = true };

    public static QueryParameter<bool> Flag(string name, string description) => new(
        name, description, "boolean", static text => text switch { "true" => true, "false" => false, _ => throw new FormatException("") }, false, "true or false")
    {
        Values = ["true", "false"],
    };

    public static QueryParameter<bool?> OptionalFlag(string name, string description) => new(
        name, description, "boolean", static text => text switch { "true" => true, "false" => false, _ => throw new FormatException("") }, null, "true or false")
    {
        Values = ["true", "false"],
    };

    public static QueryParameter<long> Number(string name, string description, long min, long max, long whenMissing) => new(
        name, description, "integer", text => Parse(text, min, max), whenMissing, $"a number from {min} to {max}")
    { Minimum = min, Maximum = max };

    public static QueryParameter<long?> OptionalNumber(string name, string description, long min, long max) => new(
        name, description, "integer", text => Parse(text, min, max), null, $"a number from {min} to {max}")
    { Minimum = min, Maximum = max };

    public static QueryParameter<string?> OneOf(string name, string description, params IReadOnlyList<string> values) => new(
        name, description, "string", text => values.Contains(text) ? text : throw new FormatException(""), null, $"one of {string.Join(", ", values)}")
    {
        Values = values,
    };

    private static long Parse(string text, long min, long max) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= min && number <= max
            ? number
            : throw new FormatException("");
}
