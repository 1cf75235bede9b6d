using Microsoft.Extensions.Options;

namespace Fibril.Client.Hosting;

/// <summary>Checks options that check themselves, and says in which section of the configuration they are to be put right.</summary>
/// <param name="name">Name of the options.</param>
/// <param name="section">Where they come from.</param>
/// <param name="validate">Throws an <see cref="ArgumentException"/>.</param>
internal sealed class ArgumentValidator<T>(string? name, string section, Action<T> validate) : IValidateOptions<T> where T : class
{
    public ValidateOptionsResult Validate(string? candidate, T options)
    {
        if (candidate != name) return ValidateOptionsResult.Skip;
        try
        {
            validate(options);
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException fault)
        {
            return ValidateOptionsResult.Fail($"{section}: {fault.Message}");
        }
    }
}
