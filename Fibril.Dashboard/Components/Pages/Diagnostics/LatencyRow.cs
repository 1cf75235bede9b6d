using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Diagnostics;

/// <summary>One thing that takes time.</summary>
/// <param name="Name">What.</param>
/// <param name="Means">From when until when.</param>
/// <param name="Reading">How long.</param>
public sealed record LatencyRow(string Name, string Means, LatencyReading Reading);
