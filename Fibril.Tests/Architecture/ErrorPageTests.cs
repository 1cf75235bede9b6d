using System.Reflection;
using Fibril.Broker.Admin.Http;
using Fibril.Protocol;
using Fibril.Tests.Architecture.Errors;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture;

/// <summary>Every error is explained, and nothing is explained that does not exist.</summary>
public sealed class ErrorPageTests
{
    [Fact]
    public async Task The_page_is_up_to_date()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        string page = ErrorPage.Render((await admin.GetAsync("/admin/api/openapi.json")).Json);
        string path = Repository.PathOf(ErrorPage.PagePath);
        if (Environment.GetEnvironmentVariable(ErrorPage.WriteVariable) == "1") await File.WriteAllTextAsync(path, page);
        bool isCurrent = File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == page;
        Assert.True(isCurrent, $"{ErrorPage.PagePath} is not what the program says. Run this: {ErrorPage.WriteCommand}");
    }

    [Fact]
    public void Every_code_reason_and_exception_has_a_remedy_and_every_remedy_belongs_to_one() =>
        Assert.Equal(ErrorPage.Subjects.Order(), ErrorPage.Remedies.Keys.Order());

    [Fact]
    public void Every_code_of_the_admin_api_is_answered_somewhere()
    {
        HashSet<string> used = [.. BrokerSources.All.SelectMany(static source => BrokerSources.MembersIn(BrokerSources.WithoutDeclarations(source.Text), nameof(ApiErrorCodes)))];
        IEnumerable<string> defined = typeof(ApiErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(static field => field.FieldType == typeof(ApiErrorCode)).Select(static field => field.Name);
        Assert.Empty(defined.Except(used));
    }

    [Fact]
    public void Every_code_of_the_protocol_is_sent_by_the_broker() =>
        Assert.Empty(Enum.GetNames<ErrorCode>().Except(BrokerSources.MembersOf(nameof(ErrorCode))));

    [Fact]
    public void No_file_of_routes_answers_a_code_that_its_routes_do_not_declare()
    {
        IReadOnlySet<string> common = BrokerSources.MembersIn(BrokerSources.All.Single(static source => source.File == "Admin/Http/OpenApiDocument.cs").Text, nameof(ApiErrorCodes));
        IEnumerable<string> mistakes =
            from source in BrokerSources.All
            where source.Text.Contains(": IApiModule", StringComparison.Ordinal)
            let declared = BrokerSources.MembersIn(BrokerSources.DeclarationsIn(source.Text), nameof(ApiErrorCodes))
            from code in BrokerSources.MembersIn(BrokerSources.WithoutDeclarations(source.Text), nameof(ApiErrorCodes))
            where !declared.Contains(code) && !common.Contains(code)
            select $"{source.File}: {code}";
        Assert.Empty(mistakes);
    }
}
