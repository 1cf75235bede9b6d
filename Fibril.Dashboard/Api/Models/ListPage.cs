namespace Fibril.Dashboard.Api.Models;

/// <summary>A page of a list.</summary>
/// <param name="Total">Rows of all pages.</param>
/// <param name="Rows">Those of this one.</param>
public sealed record ListPage<TRow>(int Total, IReadOnlyList<TRow> Rows);
