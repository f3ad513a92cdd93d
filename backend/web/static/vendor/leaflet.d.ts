/** The part of Leaflet, Leaflet.markercluster and Leaflet.Locate that `../map-layer.js` and `../pin-map.js` use. Written here, for `tsc` only. */

export type ButtonIcon = {
  options: { button: () => HTMLElement };
  _setIconStyles: (element: HTMLElement, name: string) => void;
};

declare global {
  namespace L {
    type LatLng = { lat: number; lng: number };
    type Point = { x: number; y: number };
    type Options = Record<string, unknown>;
    type Mergeable = { mergeOptions: (options: Options) => void };

    interface Evented {
      on(name: string, listener: () => void): this;
      once(name: string, listener: () => void): this;
      fire(name: string): this;
    }

    type OfTile = { tile: HTMLImageElement; coords: { z: number } };

    interface Layer extends Evented {
      addTo(map: Map): this;
    }

    interface Map extends Evented {
      on(name: 'locationfound' | 'click', listener: (event: { latlng: LatLng }) => void): this;
      on(name: string, listener: () => void): this;
      distance(one: LatLng, other: LatLng): number;
      addLayer(layer: Layer): this;
      eachLayer(visit: (layer: Layer) => void): this;
      closePopup(): this;
      getCenter(): LatLng;
      getContainer(): HTMLElement;
      getZoom(): number;
      getSize(): Point;
      latLngToContainerPoint(position: [number, number]): Point;
      panInside(position: LatLng, options: Options): this;
      removeLayer(layer: Layer): this;
      getZoom(): number;
      getBounds(): Bounds;
      getCenter(): LatLng;
      scrollWheelZoom: Handler;
      dragging: Handler;
      setView(center: LatLng, zoom: number, options?: Options): this;
    }

    interface Marker extends Layer {
      getLatLng(): LatLng;
      setLatLng(position: LatLng): this;
      getElement(): HTMLElement | undefined;
    }

    interface Popup extends Layer {
      setLatLng(position: LatLng): this;
      setContent(content: HTMLElement): this;
      openOn(map: Map): this;
    }

    interface Handler {
      enable(): void;
      disable(): void;
    }

    interface Locate {
      stop(): void;
    }

    interface Bounds {
      pad(share: number): Bounds;
      getWest(): number;
      getSouth(): number;
      getEast(): number;
      getNorth(): number;
    }

    interface TileLayer extends Layer {
      on(name: 'tileloadstart' | 'tileload' | 'tileunload' | 'tileerror', listener: (event: OfTile) => void): this;
      on(name: string, listener: () => void): this;
    }

    const Map: Mergeable;
    const TileLayer: { addInitHook: (hook: (this: TileLayer) => void) => void };
    const Icon: { extend: (members: Options) => new (options: Options) => object };
    const Control: {
      Attribution: Mergeable;
      Scale: Mergeable;
      Locate: { LocateControl: { addInitHook: (hook: (this: Locate) => void) => void } };
    };
    const control: { zoom: (options: Options) => { addTo: (map: Map) => void } };
    function map(element: HTMLElement, options: Options): Map;
    function tileLayer(url: string, options: Options): Layer;
    function circleMarker(position: LatLng, options: Options): Layer;
    function divIcon(options: Options): object;
    function marker(position: [number, number], options: Options): Marker;
    function polygon(rings: [number, number][][][], options: Options): Layer;
    function popup(options: Options): Popup;
  }

  const Supercluster: new (options: Record<string, unknown>) => { load(points: unknown[]): unknown };
}
