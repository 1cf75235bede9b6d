using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Parsing;

/// <summary>A command that asks the admin API and prints what it answers.</summary>
internal abstract class AdminVerb : Verb
{
    private readonly OutputOption _output;

    /// <param name="name">Of the command.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="global">The options that every verb has.</param>
    /// <param name="context">The world around.</param>
    /// <param name="usual">The format when none is asked for; null for a table on a terminal and JSON otherwise.</param>
    protected AdminVerb(string name, string description, GlobalOptions global, CliContext context, OutputFormat? usual = null)
        : base(name, description, global, context)
    {
        _output = new OutputOption(usual);
        _output.AddTo(this);
    }

    protected OutputFormat FormatOf(ParseResult parse) => _output.Read(parse, Context);

    protected AdminClient Connect(ParseResult parse) => new(Global.FindAdmin(parse, Context));

    protected void Print(ParseResult parse, JsonElement answer, View view) => Print(answer, view, FormatOf(parse));
}
