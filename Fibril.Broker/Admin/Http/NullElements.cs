using System.Collections;
using System.Reflection;

namespace Fibril.Broker.Admin.Http;

/// <summary>Finds what the JSON reader lets through although the types of bodies do not allow it: null within a list or a map.</summary>
internal static class NullElements
{
    /// <summary>The path of the first one, as errors name fields; null when there is none.</summary>
    public static string? Find(object body) => Within(body, "");

    private static string? Within(object shape, string prefix)
    {
        foreach (PropertyInfo property in shape.GetType().GetProperties())
        {
            if (property.GetValue(shape) is { } value && InValue(value, prefix + BodyFaults.NameOf(property.Name)) is { } found) return found;
        }

        return null;
    }

    private static string? InValue(object? value, string path) => value switch
    {
        null => path,
        string => null,
        IEnumerable when value.GetType().GetGenericArguments() is [{ IsValueType: true }] => null,
        IDictionary map => map.Keys.Cast<object>().Select(key => InValue(map[key], $"{path}.{key}")).FirstOrDefault(static found => found is not null),
        IEnumerable list => list.Cast<object?>().Select((element, index) => InValue(element, $"{path}[{index}]")).FirstOrDefault(static found => found is not null),
        _ when value.GetType() is { IsClass: true } type && type.Assembly == typeof(NullElements).Assembly => Within(value, path + "."),
        _ => null,
    };
}
