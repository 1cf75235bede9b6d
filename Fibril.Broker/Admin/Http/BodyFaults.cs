using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fibril.Broker.Admin.Http;

/// <summary>Says what is wrong with a body in the words of the API, where the JSON reader would talk of types of this program.</summary>
internal static partial class BodyFaults
{
    public static ApiException Explain(JsonException fault, Type wanted)
    {
        string field = (fault.Path ?? "").TrimStart('$').TrimStart('.');
        if (MissingFields().Match(fault.Message) is { Success: true } missing)
        {
            string[] names = [.. missing.Groups[1].Value.Split(',').Select(static name => name.Trim(' ', '\'', '.'))];
            string prefix = field.Length == 0 ? "" : field + ".";
            return new ApiException(
                ApiErrorCodes.InvalidBody, $"The body lacks {string.Join(", ", names.Select(name => prefix + name))}.",
                [.. names.Select(name => new FieldProblem(prefix + name, "is missing"))]);
        }

        string? problem = fault.Message switch
        {
            var text when text.Contains("could not be mapped", StringComparison.Ordinal) => $"is no field here; there are {string.Join(", ", NamesAround(wanted, field))}",
            var text when text.Contains("Duplicate property", StringComparison.Ordinal) => "is there twice",
            var text when text.Contains("could not be converted", StringComparison.Ordinal) || text.Contains("cannot be null", StringComparison.Ordinal)
                || text.Contains("doesn't allow null", StringComparison.Ordinal) || text.Contains("does not allow", StringComparison.Ordinal)
                => $"has a value of the wrong type; it takes {Describe(TypeOf(wanted, field))}",
            _ => null,
        };
        if (problem is null) return new ApiException(ApiErrorCodes.InvalidRequest, $"The body is no JSON: {WithoutPath(fault.Message)}");
        return new ApiException(ApiErrorCodes.InvalidBody, $"{(field.Length == 0 ? "The body" : $"The field {field} of the body")} {problem}.", new FieldProblem(field, problem));
    }

    /// <summary>For null within a list or a map.</summary>
    public static ApiException ExplainNull(string field)
    {
        const string Problem = "is null; say what is meant, or leave it out";
        return new ApiException(ApiErrorCodes.InvalidBody, $"The field {field} of the body {Problem}.", new FieldProblem(field, Problem));
    }

    private static string WithoutPath(string message) => message.IndexOf(" Path: ", StringComparison.Ordinal) is var path and >= 0 ? message[..path] : message;

    private static IEnumerable<string> NamesAround(Type wanted, string field)
    {
        int dot = field.LastIndexOf('.');
        return (TypeOf(wanted, dot < 0 ? "" : field[..dot]) ?? wanted).GetProperties().Where(static property => property.Name != "EqualityContract").Select(static property => NameOf(property.Name));
    }

    /// <summary>The type of a field, by its path; null when there is none.</summary>
    private static Type? TypeOf(Type type, string path)
    {
        Type? found = type;
        foreach (string step in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = step.Split('[')[0];
            found = found?.GetProperties().FirstOrDefault(property => NameOf(property.Name) == name)?.PropertyType;
            if (step.Contains('[', StringComparison.Ordinal)) found = found?.GetGenericArguments().FirstOrDefault();
        }

        return found;
    }

    private static string Describe(Type? type)
    {
        type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        if (type is null) return "something else";
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type).Select(NameOf))}";
        if (type == typeof(string)) return "a text";
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(ulong)) return "a whole number from 0 on";
        if (type == typeof(int)) return $"a whole number up to {int.MaxValue}";
        if (type.IsPrimitive) return "a whole number";
        return typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && !type.Name.Contains("Dictionary", StringComparison.Ordinal) ? "a list" : "an object";
    }

    public static string NameOf(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    [GeneratedRegex(@"missing required properties[^:]*: (.+?)\.?( Path:|$)")]
    private static partial Regex MissingFields();
}
