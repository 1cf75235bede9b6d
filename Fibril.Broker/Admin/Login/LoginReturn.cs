using Fibril.Dashboard.Login;

namespace Fibril.Broker.Admin.Login;

/// <summary>The way to the login page, and from there to the page that was wanted (U-26).</summary>
internal static class LoginReturn
{
    public const string LoginPath = "/login";
    public const string LogoutPath = "/logout";

    private const string Home = "/";

    /// <summary>Where a login leads: never to another site, and not to where it would end at once.</summary>
    /// <param name="path">What a browser has sent, which anybody may have written.</param>
    public static string To(string? path)
    {
        string local = LoginNavigation.LocalOr(path, Home);
        return local.StartsWith(LoginPath, StringComparison.OrdinalIgnoreCase) || local.StartsWith(LogoutPath, StringComparison.OrdinalIgnoreCase) ? Home : local;
    }

    /// <summary>The address of the login page for somebody who wanted another page.</summary>
    public static string AddressFor(HttpRequest request)
    {
        string wanted = To(request.Path.ToUriComponent() + request.QueryString.ToUriComponent());
        return wanted == Home ? LoginPath : $"{LoginPath}?{LoginNavigation.ReturnParameter}={Uri.EscapeDataString(wanted)}";
    }
}
