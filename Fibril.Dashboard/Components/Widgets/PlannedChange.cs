namespace Fibril.Dashboard.Components.Widgets;

/// <summary>One line of what would be different.</summary>
/// <param name="Setting">As the form calls it.</param>
/// <param name="Before">Now.</param>
/// <param name="After">Then.</param>
/// <param name="Effect">What that means.</param>
public sealed record PlannedChange(string Setting, string Before, string After, string Effect);
