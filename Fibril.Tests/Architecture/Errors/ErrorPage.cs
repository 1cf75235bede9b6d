using System.Globalization;
using System.Text;
using System.Text.Json;
using Fibril.Broker.Admin.Http;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture.Errors;

/// <summary>docs/error-codes.md: every error that this project answers with, made from the program and from the remedies of docs/errors.tsv.</summary>
internal static class ErrorPage
{
    public const string PagePath = "docs/error-codes.md";
    public const string WriteVariable = "FIBRIL_WRITE_ERRORS";
    public const string WriteCommand = "FIBRIL_WRITE_ERRORS=1 dotnet test Fibril.Tests --filter ErrorPageTests";

    public static IReadOnlyDictionary<(string Kind, string Name), string> Remedies { get; } = File.ReadLines(Repository.PathOf("docs", "errors.tsv"))
        .Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('\t')).ToDictionary(static row => (row[0], row[1]), static row => row[2]);

    /// <summary>What needs a remedy.</summary>
    public static IEnumerable<(string Kind, string Name)> Subjects =>
    [
        .. Enum.GetNames<ErrorCode>().Select(static name => ("protocol", name)),
        .. Enum.GetNames<CloseReason>().Select(static name => ("close", name)),
        .. Exceptions.Select(static type => ("exception", type.Name)),
    ];

    private static IEnumerable<Type> Exceptions =>
        typeof(FibrilException).Assembly.GetExportedTypes().Where(static type => type.IsAssignableTo(typeof(FibrilException))).OrderBy(static type => type.Name, StringComparer.Ordinal);

    /// <param name="openApi">The document of a running broker.</param>
    public static string Render(JsonElement openApi)
    {
        var page = new StringBuilder();
        page.Append("# Error codes\n\nMade from the program and [errors.tsv](errors.tsv). Do not edit it; after a change run\n\n```console\n").Append(WriteCommand).Append("\n```\n\n")
            .Append("Codes and numbers are stable: scripts may compare them. Messages are for people, and change.\n");
        WriteApi(page, openApi);
        WriteProtocol(page);
        WriteCloseReasons(page);
        WriteExceptions(page);
        WriteExitCodes(page);
        return page.ToString();
    }

    private static void WriteApi(StringBuilder page, JsonElement openApi)
    {
        page.Append("\n## Admin API\n\nThe body of an error has `code`, `message`, `details` by field, and `request_id`, by which the log and the audit trail know the request.\n\n")
            .Append("| code | status | cause | remedy | routes |\n| --- | ---: | --- | --- | --- |\n");
        ILookup<string, string> routes = RoutesByCode(openApi);
        int count = openApi.GetProperty("paths").EnumerateObject().Sum(static path => path.Value.EnumerateObject().Count());
        foreach (ApiErrorCode code in ApiErrorCodes.All)
        {
            string[] declaring = [.. routes[code.Name].Order(StringComparer.Ordinal)];
            string where = declaring.Length == 0 ? "paths and methods that do not exist" : declaring.Length == count ? "all" : declaring.Length > 20 ? $"{declaring.Length}: those that take a body, or change something" : string.Join("<br>", declaring);
            page.Append(CultureInfo.InvariantCulture, $"| `{code.Name}` | {code.Status} | {Cell(code.Cause)} | {Cell(code.Remedy)} | {where} |\n");
        }
    }

    private static ILookup<string, string> RoutesByCode(JsonElement openApi) => (
        from path in openApi.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        from response in operation.Value.GetProperty("responses").EnumerateObject()
        let schema = response.Value.GetProperty("content").EnumerateObject().Single().Value.GetProperty("schema")
        where schema.TryGetProperty("allOf", out _)
        from code in schema.GetProperty("allOf")[1].GetProperty("properties").GetProperty("code").GetProperty("enum").EnumerateArray()
        select (Code: code.GetString()!, Route: $"{operation.Name.ToUpperInvariant()} {path.Name}")).ToLookup(static pair => pair.Code, static pair => pair.Route);

    private static void WriteProtocol(StringBuilder page)
    {
        page.Append("\n## Protocol\n\nThe code of an ERROR frame. Conflicts and everything from 500 on may go away by themselves.\n\n")
            .Append("| code | name | cause | remedy |\n| ---: | --- | --- | --- |\n");
        IReadOnlyDictionary<string, string> causes = SourceSummaries.Read("Fibril.Protocol", "Frames", "ErrorCode.cs");
        foreach (ErrorCode code in Enum.GetValues<ErrorCode>())
            page.Append(CultureInfo.InvariantCulture, $"| {(ushort)code} | {code} | {Cell(causes[code.ToString()])} | {Cell(Remedies[("protocol", code.ToString())])} |\n");
    }

    private static void WriteCloseReasons(StringBuilder page)
    {
        page.Append("\n## Ends of subscriptions\n\nThe code of SUBSCRIPTION_CLOSED, and of each verdict of RECONCILE_RESULT.\n\n")
            .Append("| code | name | cause | remedy | sent by a broker that stands alone |\n| ---: | --- | --- | --- | --- |\n");
        IReadOnlyDictionary<string, string> causes = SourceSummaries.Read("Fibril.Protocol", "Messages", "CloseReason.cs");
        IReadOnlySet<string> sent = BrokerSources.MembersOf(nameof(CloseReason));
        foreach (CloseReason reason in Enum.GetValues<CloseReason>())
        {
            string name = reason.ToString();
            page.Append(CultureInfo.InvariantCulture, $"| {(ushort)reason} | {name} | {Cell(causes[name])} | {Cell(Remedies[("close", name)])} | {(sent.Contains(name) ? "yes" : "no")} |\n");
        }
    }

    private static void WriteExceptions(StringBuilder page)
    {
        page.Append("\n## Exceptions of the client\n\nMisuse is an `ArgumentException` or an `InvalidOperationException`, and not in this table.\n\n")
            .Append("| exception | means | what to do |\n| --- | --- | --- |\n");
        foreach (Type type in Exceptions)
        {
            string means = SourceSummaries.Read("Fibril.Client", "Errors", $"{type.Name}.cs")[type.Name];
            page.Append(CultureInfo.InvariantCulture, $"| `{type.Name}` | {Cell(means)} | {Cell(Remedies[("exception", type.Name)])} |\n");
        }
    }

    private static void WriteExitCodes(StringBuilder page)
    {
        page.Append("\n## Exit codes of fibrilctl\n\n| code | meaning |\n| ---: | --- |\n");
        foreach ((int code, string meaning) in Cli.ExitCode.All) page.Append(CultureInfo.InvariantCulture, $"| {code} | {Cell(meaning)} |\n");
    }

    private static string Cell(string text) => text.Replace("|", @"\|", StringComparison.Ordinal);
}
