using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Login;

/// <summary>The way to the login page, and back to where the reader was (U-26).</summary>
public static class LoginNavigation
{
    public const string ReturnParameter = "return";

    /// <summary>Leaves the pages for the login of the broker.</summary>
    public static void ToLogin(this NavigationManager navigation) =>
        navigation.NavigateTo($"login?{ReturnParameter}={Uri.EscapeDataString("/" + navigation.ToBaseRelativePath(navigation.Uri))}", forceLoad: true);

    /// <summary>Where to go after a login: a path of this site, or <c>/</c> when it is anything else.</summary>
    /// <remarks>Two slashes, or a backslash, would lead to another site; and what is no ASCII stands in no header.</remarks>
    public static string LocalOr(string? path, string otherwise = "/") =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal) && path.All(static character => char.IsAscii(character) && !char.IsControl(character)) ? path : otherwise;
}
