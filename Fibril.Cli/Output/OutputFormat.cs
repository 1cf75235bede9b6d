namespace Fibril.Cli.Output;

/// <summary>How an answer is written to standard output.</summary>
internal enum OutputFormat
{
    /// <summary>Columns for people.</summary>
    Table,

    /// <summary>The same with more columns.</summary>
    Wide,

    /// <summary>The whole answer, indented.</summary>
    Json,

    /// <summary>One row a line.</summary>
    Ndjson,

    /// <summary>The rows with a line of names, values unrounded.</summary>
    Csv,
}
