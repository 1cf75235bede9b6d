using System.Collections.Immutable;
using Fibril.Client;
using Fibril.Client.Analyzers;
using Fibril.Protocol;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Fibril.Tests.Unit.Client.Analyzers;

/// <summary>FBR0001, on snippets that are compiled in memory.</summary>
public sealed class UnsettledMessageTests
{
    private const string Subscribe = "var subscription = await client.SubscribeAsync(\"orders\");";

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Concat([typeof(FibrilClient).Assembly.Location, typeof(Frame).Assembly.Location])
            .Distinct()
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    [Theory]
    [InlineData("Console.WriteLine(message.GetText());")]
    [InlineData("Console.WriteLine($\"{message}\");")]
    [InlineData("")]
    [InlineData("await message.RenewAsync(); if (message.Retries > 3) break;")]
    public async Task A_message_that_is_only_read_is_reported(string body)
    {
        Diagnostic found = Assert.Single(await AnalyzeAsync($"{Subscribe} await foreach (var message in subscription) {{ {body} }}"));
        Assert.Equal(("FBR0001", DiagnosticSeverity.Warning), (found.Id, found.Severity));
        Assert.StartsWith("'message' is neither settled nor passed on", found.GetMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("await message.CompleteAsync();")]
    [InlineData("await message.FailAsync();")]
    [InlineData("await message.RetryAsync();")]
    [InlineData("if (message.Retries > 3) await message.RetryAfterAsync(TimeSpan.FromSeconds(1));")]
    [InlineData("await message.CompleteAsync().ConfigureAwait(false);")]
    public async Task A_message_that_is_settled_is_not(string body) =>
        Assert.Empty(await AnalyzeAsync($"{Subscribe} await foreach (var message in subscription) {{ {body} }}"));

    [Theory]
    [InlineData("Take(message);")]
    [InlineData("return message;")]
    [InlineData("kept.Add(message);")]
    [InlineData("last = message;")]
    [InlineData("_ = Task.Run(() => Console.WriteLine(message.GetText()));")]
    [InlineData("message.Extend();")]
    public async Task A_message_that_is_passed_on_is_not(string body) =>
        Assert.Empty(await AnalyzeAsync($"{Subscribe} await foreach (var message in subscription) {{ {body} }}"));

    [Theory]
    [InlineData("await client.SubscribeAsync(\"orders\", new SubscribeOptions { AutoAck = true })", false)]
    [InlineData("await client.SubscribeAsync(\"orders\", new SubscribeOptions { AutoAck = false })", true)]
    [InlineData("await client.SubscribePatternAsync(\"orders.*\")", true)]
    [InlineData("await client.SubscribeStreamAsync(\"audit\")", false)]
    [InlineData("await client.SubscribeStreamAsync(\"audit\", new StreamSubscribeOptions { DurableName = \"billing\" })", true)]
    public async Task Only_subscriptions_that_want_settlements_are_looked_at(string subscription, bool isReported) => Assert.Equal(
        isReported ? 1 : 0,
        (await AnalyzeAsync($"var subscription = {subscription}; await foreach (var message in subscription) {{ }}")).Length);

    [Fact]
    public async Task A_subscription_from_elsewhere_counts_as_one_that_wants_settlements() =>
        Assert.Single(await AnalyzeAsync("await foreach (var message in given) { }"));

    private static Task<ImmutableArray<Diagnostic>> AnalyzeAsync(string body)
    {
        string source = $$"""
            using System;
            using System.Collections.Generic;
            using System.Threading.Tasks;
            using Fibril.Client;

            public static class Snippet
            {
                public static async Task<ReceivedMessage?> RunAsync(FibrilClient client, Subscription given, List<ReceivedMessage> kept)
                {
                    ReceivedMessage? last = null;
                    {{body}}
                    return last;
                }

                private static void Take(ReceivedMessage message) => Console.WriteLine(message);

                private static void Extend(this ReceivedMessage message) => Console.WriteLine(message);
            }
            """;
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create("Snippet", [CSharpSyntaxTree.ParseText(source)], References, options);
        Assert.Empty(compilation.GetDiagnostics().Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return compilation.WithAnalyzers([new UnsettledMessageAnalyzer()]).GetAnalyzerDiagnosticsAsync();
    }
}
