namespace Fibril.Broker.Security.Passwords;

/// <summary>So many passwords are being looked at that one more has to come later. The message is fit for callers.</summary>
internal sealed class TooManyLoginsException() : Exception(Text)
{
    public const string Text = "There are too many logins at once, try again.";
}
