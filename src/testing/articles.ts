/** An article of the tenant's knowledge base. */
export interface TenantArticle {
  /** Its id. */
  readonly id: string;
  /** Its title. */
  readonly title: string;
  /** Where a person can read it. */
  readonly url: string;
  /** Its text in HTML. */
  readonly body: string;
  /** Its language, e.g. `en-US`. */
  readonly language: string;
}

const SITE = 'https://help.example.com/articles';

const texts: readonly (readonly [slug: string, title: string, body: string])[] = [
  // Orders, returns and money back
  [
    'refund-policy',
    'Refunds: what qualifies and how long they take',
    '<p>An order can be refunded within <b>14 days</b> of delivery when it is unused and complete. Open the order, choose <i>Refund</i> and pick a reason. The amount goes back to the original card within five working days&nbsp;&ndash; banks sometimes add two more.</p>',
  ],
  [
    'refund-late',
    'A refund has not arrived',
    '<p>First compare the date of the refund with today: five working days are normal. After that, read the <b>trace number</b> from the refund&rsquo;s details to the customer; the bank finds the payment by it. Still nothing after ten days? Open a case with the payments team.</p>',
  ],
  [
    'cancel-order',
    'Cancel an order before it ships',
    '<p>An order can be cancelled free of charge while its status is <i>Received</i> or <i>Packing</i>. Once it has shipped, offer a return instead. A cancelled order is never charged; a reservation on the card disappears after up to three days.</p>',
  ],
  [
    'cancel-contract',
    'Cancel a subscription or contract',
    '<p>Notice is one month to the end of the billing period. Confirm the last day in writing. Before you confirm, check whether a smaller plan or a pause of up to three months helps the customer more.</p>',
  ],
  [
    'return-label',
    'Print a return label',
    '<p>Labels are in the account under <b>Orders &rsaquo; Returns</b>. Without a printer, the customer shows the QR code at the parcel shop.</p><p>One label per parcel; oversized goods are collected.</p>',
  ],
  [
    'damaged-goods',
    'The goods arrived damaged',
    '<p>Apologise, ask for two photos (the parcel and the damage) and offer a replacement or the money back. The customer need not send damaged goods under &euro;50 back.</p>',
  ],
  [
    'delivery-late',
    'A delivery is late',
    '<p>Read the carrier&rsquo;s last scan. No scan for 48 hours means that the parcel counts as delayed: tell the customer the new date. After seven days it counts as lost; send a replacement at once.</p>',
  ],
  [
    'delivery-address',
    'Change the delivery address',
    '<p>Possible until the parcel leaves the warehouse. Afterwards the customer can redirect it to a parcel shop with the carrier&rsquo;s tracking number.</p>',
  ],
  [
    'warranty',
    'Warranty and repairs',
    '<p>Goods are covered for two years. Ask for the serial number and what happens exactly. Repairs take about ten days; a loan device is free for business customers.</p>',
  ],
  // Bills and payments
  [
    'bill-explained',
    'Read the bill together with the customer',
    '<p>A bill has three parts: the plan in advance, usage of the last period, and one-off charges. Most questions concern the first bill after a change of plan, since it holds two partial months.</p>',
  ],
  [
    'double-charge',
    'A card was charged twice',
    '<p>Look at both entries. One with the status <i>pending</i> is a reservation and disappears by itself within three days. If both are <i>booked</i>, refund the second one and send the confirmation by email.</p>',
  ],
  [
    'payment-failed',
    'A payment failed',
    '<p>The usual reasons: the card has expired, its limit is reached, or the bank wants a confirmation in its app. Ask the customer to try again after five minutes; never ask for the card number or the security code.</p>',
  ],
  [
    'send-money',
    'Send or request money from a contact',
    '<p>Choose the contact, the amount and whether it comes from the balance or the card, then confirm. A payment to a person&rsquo;s account cannot be called back once it was accepted, so read amount and name to the customer first. Private payments are not shown to others.</p>',
  ],
  [
    'payment-methods',
    'Add, change or remove a payment method',
    '<p>Cards, direct debit and wallets are under <b>Account &rsaquo; Payment</b>. The one with the star is used first. A method with an open bill cannot be removed.</p>',
  ],
  [
    'dispute',
    'Dispute a charge the customer does not know',
    '<p>Block the card first if it may be stolen. Then note date, amount and merchant and start a dispute; a provisional credit follows within two working days. The merchant has 30 days to answer.</p>',
  ],
  [
    'late-fee',
    'Late fees and instalments',
    '<p>The first late fee of a year can be waived. Bills above &euro;200 can be paid in three instalments without interest; the plan must be agreed before the second reminder.</p>',
  ],
  // Banking
  [
    'check-balance',
    'Check the balance of an account',
    '<p>Verify the customer, then read the balance of the checking or savings account. The available balance leaves out payments that are still pending.</p>',
  ],
  [
    'transfer-money',
    'Transfer money between accounts',
    '<p>Ask from which account (checking or savings), to whom and how much. Internal transfers arrive at once; transfers to another bank by the next working day. Repeat all details before you confirm the transfer.</p>',
  ],
  [
    'transfer-limit',
    'Daily limits for transfers',
    '<p>The limit is $5,000 a day and can be raised to $20,000 after a confirmation in the app. A raised limit holds for 24 hours.</p>',
  ],
  [
    'savings-interest',
    'Savings accounts and interest',
    '<p>Interest is counted daily and paid on the last day of the month. Six withdrawals a month are free.</p>',
  ],
  [
    'lost-card',
    'A card is lost or stolen',
    '<p><b>Block the card at once</b>, also when the customer only thinks so: a block can be lifted, a payment cannot. A new card takes three to five days; the digital one works in minutes.</p>',
  ],
  [
    'card-pin',
    'Forgotten or blocked PIN',
    '<p>After three wrong entries the PIN is blocked. It can be read again in the app under <i>Card &rsaquo; Show PIN</i>. We never tell a PIN by phone.</p>',
  ],
  [
    'close-account',
    'Close an account',
    '<p>The balance must be zero and standing orders moved. Offer the checklist for moving; the account closes at the end of the next working day and statements stay readable for ten years.</p>',
  ],
  // Access and security
  [
    'password-reset',
    'Reset a password',
    '<p>Send the reset link; it is valid for 30 minutes and once. If no message arrives, check the spelling of the address and the spam folder. We never ask for a password.</p>',
  ],
  [
    'two-factor',
    'New phone: move two-step verification',
    '<p>The customer signs in with a recovery code and scans the new QR code. Without a code, identity is checked by video, which takes about ten minutes.</p>',
  ],
  [
    'phishing',
    'A suspicious message or call',
    '<p>Thank the customer, do <b>not</b> follow the link, and have the message forwarded to the security team. If data was entered: change the password, block the card, look at the last five payments.</p>',
  ],
  [
    'personal-data',
    'What we store, and how to delete it',
    '<p>Customers can download their data under <b>Account &rsaquo; Privacy</b>. Deletion takes up to 30 days; bills are kept as long as the law demands.</p>',
  ],
  // Connection and devices
  [
    'outage',
    'Outage: check, inform, credit',
    '<p>Look at the outage map with the customer&rsquo;s postal code. Known outage: give the expected end and offer a text message when it is over. Above eight hours the customer gets a credit for the day without asking.</p>',
  ],
  [
    'slow-internet',
    'Slow connection',
    '<p>Test by cable, then restart the router and wait two minutes. Compare with the booked speed; below 60&nbsp;% open a ticket for the line. Most slow connections are a weak Wi-Fi signal.</p>',
  ],
  [
    'no-service',
    'No mobile service',
    '<p>Switch flight mode on and off, then choose the network by hand. Abroad, check that roaming is on and the plan covers the country.</p>',
  ],
  [
    'router-setup',
    'Set up a router',
    '<p>Plug in the cable, wait for the steady light, open the page printed on the back. The network&rsquo;s name and key are there too.</p>',
  ],
  // Travel
  [
    'find-flight',
    'Find and book a flight',
    '<p>Ask for the cities of departure and arrival, the date, the class and how many seats. Say whether a flight is nonstop or has a stopover, the airline, and when it lands. Refundable tickets cost more; name both prices.</p>',
  ],
  [
    'change-flight',
    'Change or cancel a flight',
    '<p>Within 24 hours of booking every ticket can be cancelled free of charge. Later the fare decides. After a cancelled or three hours delayed flight the passenger chooses: refund or another flight.</p>',
  ],
  [
    'baggage',
    'Baggage: allowance, lost, damaged',
    '<p>One cabin bag of 8&nbsp;kg is always included. Lost baggage is reported at the airport; most bags are found within two days. Essentials up to $100 a day are paid back against receipts.</p>',
  ],
  [
    'bus-train',
    'Bus and train tickets',
    '<p>Ask where the journey starts, the destination, the day and the number of travellers. Tell the station by name, the departure, transfers and the fare. Tickets are sent to the phone; a flexible one can be changed until departure.</p>',
  ],
  [
    'hotel-booking',
    'Search and reserve a hotel',
    '<p>Ask for the city, check-in date, number of nights and rooms, and the stars. Mention Wi-Fi, breakfast and whether pets are welcome. Most rooms can be cancelled until 6&nbsp;p.m. on the day of arrival.</p>',
  ],
  [
    'rental-car',
    'Rent a car',
    '<p>Needed: pickup city and station, pickup date and time, return date, the type of car (hatchback, sedan, SUV) and whether insurance is wished. The driver shows a licence and a credit card in their own name.</p>',
  ],
  [
    'ride',
    'Order a taxi or a shared ride',
    '<p>Ask for the destination, the number of passengers and whether sharing is fine. A shared ride is cheaper and takes about ten minutes longer. Waiting is free for three minutes.</p>',
  ],
  [
    'attractions',
    'Things to see in a city',
    '<p>Suggest museums, parks and landmarks by what the customer likes; say whether entrance is free and whether children enjoy it. Give the address and a phone number.</p>',
  ],
  // Leisure
  [
    'restaurant-table',
    'Reserve a table in a restaurant',
    '<p>Ask for the cuisine, the city, the time, the party&rsquo;s size and the price range. Repeat date and time, since a table is held for 15 minutes. Tell whether there is vegetarian food, live music or alcohol: caf&eacute;s and cr&ecirc;peries often have none.</p>',
  ],
  [
    'event-tickets',
    'Tickets for concerts and sports events',
    '<p>Ask for the kind of event (music, theater or a game), the city and the date. Tickets are personal above $50. A moved concert keeps its tickets valid; a cancelled one is refunded by itself.</p>',
  ],
  [
    'movies',
    'Find a movie to watch at home or in a cinema',
    '<p>Ask for the genre, the actor or the director the customer likes, and whether subtitles are needed. At home a rental runs for 48 hours. In the cinema say the time of the show, the kind (regular, 3D, imax) and the price of a ticket.</p>',
  ],
  [
    'music',
    'Play a song',
    '<p>Ask for the artist, the album or the genre, then the device: the TV, the kitchen speaker, the bedroom. <em>Na&iuml;ve</em> spellings are found too: &ldquo;Beyonce&rdquo; plays Beyonc&eacute; &#x1F3B5;.</p>',
  ],
  [
    'weather',
    'Weather for a day and a place',
    '<p>Give the temperature, the chance of rain, wind and humidity for the city and the date. Forecasts beyond ten days are a tendency only.</p>',
  ],
  // Appointments, homes, everyday
  [
    'appointment',
    'Make or move an appointment',
    '<p>For the dentist, the doctor, a therapist or the hair stylist: ask for the city, the day and the time, and offer the next free slot beside it. Moving is free until 24 hours before. Give the address, the phone number and the rating.</p>',
  ],
  [
    'calendar',
    'Calendar: add an event, find free time',
    '<p>Ask for the title, the place, the day and the start. When looking for a free slot, name the times between two events of that day.</p>',
  ],
  [
    'rent-home',
    'Find an apartment and arrange a visit',
    '<p>Ask for the area, the number of bedrooms and baths, furnished or not, and pets. Tell the rent and the address, then book the property visit; a visit lasts 30 minutes and can be moved by phone.</p>',
  ],
  [
    'alarm',
    'Set an alarm or a reminder',
    '<p>Say the time and a name for it. Alarms repeat only when days are chosen. They ring in silent mode as well.</p>',
  ],
  // Complaints and escalation
  [
    'complaint',
    'Take a complaint',
    '<p>Listen first, repeat the point in your own words, apologise without blaming a colleague. Record the complaint with a category; the customer hears from us within two working days.</p>',
  ],
  [
    'escalate',
    'When to bring in a supervisor',
    '<p>Escalate when the customer asks twice, mentions a lawyer or the press, or the solution is beyond your limit. Stay on the line until the supervisor has taken over, and say what was tried already.</p>',
  ],
  [
    'goodwill',
    'Goodwill credits: how much, for what',
    '<p>Up to $25 without asking, up to $100 with a supervisor&rsquo;s consent. One goodwill credit per customer and quarter; note the reason.</p>',
  ],
  [
    'vulnerable',
    'A customer in distress',
    '<p>Slow down, use short sentences and offer a callback or a person they trust on the line. Payment reminders can be paused for 30 days in case of illness or loss. &#x1F91D;</p>',
  ],
  [
    'opening-hours',
    'Opening hours and contact',
    '<p>By phone Monday to Saturday, 8&nbsp;a.m. to 10&nbsp;p.m.; by chat around the clock. The emergency line for blocked cards is never closed.</p>',
  ],
];

/** Articles on everyday service, in HTML with entities, accents and emoji as real bases have them. */
export const defaultArticles: readonly TenantArticle[] = texts.map(([slug, title, body]) => ({
  id: `kb-${slug}`,
  title,
  url: `${SITE}/${slug}`,
  body,
  language: 'en-US',
}));
