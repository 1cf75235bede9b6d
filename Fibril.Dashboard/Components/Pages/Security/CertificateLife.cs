using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Security;

/// <summary>How long a certificate can still be relied on.</summary>
/// <param name="Tone">Of its chip.</param>
/// <param name="Text">In words.</param>
public sealed record CertificateLife(string Tone, string Text)
{
    private const int SoonDays = 30;
    private const int FarDays = 365;

    public static CertificateLife Of(long notAfterUnix, DateTimeOffset now)
    {
        var end = DateTimeOffset.FromUnixTimeSeconds(notAfterUnix);
        int days = (int)Math.Floor((end - now).TotalDays);
        return end <= now ? new CertificateLife("bad", $"ended {Show.Duration(now - end)} ago")
            : days <= SoonDays ? new CertificateLife("warn", days == 0 ? "ends today" : $"ends in {Show.Plural(days, "day")}")
            : new CertificateLife("good", days > FarDays ? $"ends {end:yyyy-MM-dd}" : $"ends in {Show.Plural(days, "day")}");
    }
}
